// What the page tells about one voxel.
import {toWorld} from './grid.js';
import {EMPTY, IGNORE} from './layers.js';

function name(label, classes) {
  return label === IGNORE ? 'not counted' : classes[label];
}

/** Name of a voxel in a view. */
function heading(layer, index, {classes}) {
  const label = layer.labels[index];
  return label === EMPTY ? 'surface, not predicted' : name(label, classes);
}

/**
 * Describe a voxel.
 *
 * @return {{heading, lines}} plain text
 */
export function describe(scene, layer, {index, voxel}) {
  const {volumes, classes} = scene;
  const lines = [];
  if (layer.kinds) lines.push(layer.groups[layer.kinds[index] - 1].name);
  if (volumes.truth) {
    lines.push(`predicted ${name(volumes.prediction[index], classes)}, ` +
               `truth ${name(volumes.truth[index], classes)}`);
  }
  if (volumes.confidence) lines.push(`confidence ${volumes.confidence[index]} %`);
  lines.push(`voxel ${voxel.join(', ')}`);
  const [x, y, z] = toWorld(voxel.map((cell) => cell + 0.5), scene)
      .map((metres) => metres.toFixed(2));
  lines.push(`X ${x}, Y ${y}, Z ${z} m`);
  if (volumes.unseen?.[index]) lines.push('not seen by the sensor');
  return {heading: heading(layer, index, scene), lines};
}

/** The box beside the pointer that shows a description. */
export class Readout {
  constructor(box) {
    this.box = box;
  }

  /** Set the text. */
  tell({heading: title, lines}) {
    const strong = document.createElement('strong');
    strong.textContent = title;
    const rows = lines.map((text) => {
      const row = document.createElement('div');
      row.textContent = text;
      return row;
    });
    this.box.replaceChildren(strong, ...rows);
  }

  /** Show it beside a place on the page. */
  show(x, y) {
    this.box.hidden = false;
    const frame = this.box.parentElement.getBoundingClientRect();
    const {offsetWidth, offsetHeight} = this.box;
    const left = x - frame.left + 16;
    const top = y - frame.top + 16;
    const flipX = left + offsetWidth > frame.width ? offsetWidth + 32 : 0;
    const flipY = top + offsetHeight > frame.height ? offsetHeight + 32 : 0;
    this.box.style.translate = `${Math.max(4, left - flipX)}px ${Math.max(4, top - flipY)}px`;
  }

  hide() {
    this.box.hidden = true;
  }
}
