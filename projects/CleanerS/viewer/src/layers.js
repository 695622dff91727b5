// What can be looked at: a layer says which voxels are solid in a view, by
// which class each can be hidden, which colour it has, and where outlines are
// drawn: where `outlined` changes.

export const EMPTY = 0;
export const IGNORE = 255;

const SURFACE = [168, 176, 184];
const ERRORS = [
  {name: 'right', colour: [190, 196, 190]},
  {name: 'wrong class', colour: [240, 178, 60]},
  {name: 'missed', colour: [70, 120, 196]},
  {name: 'too much', colour: [206, 72, 62]},
];
const CONFIDENCES = [
  {name: 'below 50 %', below: 50, colour: [68, 38, 102]},
  {name: '50 to 60 %', below: 60, colour: [64, 82, 140]},
  {name: '60 to 70 %', below: 70, colour: [44, 120, 142]},
  {name: '70 to 80 %', below: 80, colour: [40, 160, 134]},
  {name: '80 to 90 %', below: 90, colour: [120, 204, 88]},
  {name: '90 to 100 %', below: 101, colour: [248, 226, 60]},
];

const isSolid = (label) => label !== EMPTY && label !== IGNORE;

/** Voxels by class. */
function classLayer(id, title, labels, palette) {
  return {id, title, labels, kinds: null, groups: [],
          outlined: (index) => labels[index], colour: (index) => palette[labels[index]]};
}

/** Voxels by some kind, which may be hidden as well: kind 1 is groups[0]. */
function kindLayer(id, title, labels, kinds, groups) {
  return {id, title, labels, kinds, groups, outlined: (index) => labels[index],
          colour: (index) => groups[kinds[index] - 1].colour};
}

function surfaceLayer({surface, prediction, truth}) {
  const labels = surface.map((seen, index) => {
    if (!seen) return IGNORE;
    const known = [prediction[index], truth ? truth[index] : EMPTY];
    return known.find(isSolid) ?? EMPTY;
  });
  const layer = classLayer('surface', 'Input surface', labels, []);
  layer.colour = () => SURFACE;
  layer.outlined = () => 0;
  layer.solid = surface;
  return layer;
}

function errorLayer({prediction, truth}) {
  const labels = truth.map((label, index) =>
    isSolid(label) ? label : prediction[index]);
  const kinds = truth.map((label, index) => {
    const found = prediction[index];
    if (label === IGNORE || found === IGNORE) return 0;
    if (label === found) return label === EMPTY ? 0 : 1;
    if (label === EMPTY) return 4;
    return found === EMPTY ? 3 : 2;
  });
  return {...kindLayer('error', 'Error', labels, kinds, ERRORS),
          outlined: (index) => kinds[index]};
}

function confidenceLayer({prediction, confidence}) {
  const kinds = confidence.map((percent, index) =>
    isSolid(prediction[index]) ?
      1 + CONFIDENCES.findIndex(({below}) => percent < below) : 0);
  return kindLayer('confidence', 'Confidence', prediction, kinds, CONFIDENCES);
}

/** All layers that there are data for, each with its `solid` volume. */
export function makeLayers({volumes, palette}) {
  const layers = [];
  if (volumes.surface) layers.push(surfaceLayer(volumes));
  layers.push(classLayer('prediction', 'Prediction', volumes.prediction, palette));
  if (volumes.truth) {
    layers.push(classLayer('truth', 'Ground truth', volumes.truth, palette));
    layers.push(errorLayer(volumes));
  }
  if (volumes.confidence) layers.push(confidenceLayer(volumes));
  for (const layer of layers) {
    layer.solid ??= (layer.kinds ?? layer.labels).map(
        (value) => layer.kinds ? value : Number(isSolid(value)));
  }
  return layers;
}

/** A function of a layer that works once for each. */
function once(work) {
  const known = new WeakMap();
  return (layer) => {
    if (!known.has(layer)) known.set(layer, work(layer));
    return known.get(layer);
  };
}

/** How many solid voxels each class has in a layer, by class. */
export const countClasses = once((layer) => {
  const counts = new Array(256).fill(0);
  layer.solid.forEach((solid, index) => {
    if (solid) counts[layer.labels[index]]++;
  });
  return counts;
});

/** How many solid voxels each kind has, by kind. */
export const countKinds = once((layer) => {
  const counts = layer.groups.map(() => 0);
  layer.kinds?.forEach((kind) => {
    if (kind) counts[kind - 1]++;
  });
  return counts;
});

/** Which voxels are drawn: solid, within the cuts, of what is not hidden. */
export function drawnVoxels(layer, shape, cuts, hiddenClasses, hiddenKinds) {
  const drawn = new Uint8Array(layer.solid.length);
  for (let i = cuts[0][0]; i < cuts[0][1]; i++) {
    for (let j = cuts[1][0]; j < cuts[1][1]; j++) {
      const row = (i * shape[1] + j) * shape[2];
      for (let index = row + cuts[2][0]; index < row + cuts[2][1]; index++) {
        drawn[index] = layer.solid[index] > 0 && !hiddenClasses.has(layer.labels[index]) &&
          !(layer.kinds && hiddenKinds.has(layer.kinds[index]));
      }
    }
  }
  return drawn;
}
