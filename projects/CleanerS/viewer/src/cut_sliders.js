// Two sliders for each axis: the first and the last layer that is shown.
import {element} from './elements.js';
import {toWorld} from './grid.js';

const AXES = ['Sideways', 'Height', 'Depth'];
// their axes of the world, by index
const WORLD = [0, 2, 1];

function slider(name, length, value, oninput) {
  return element('input', {type: 'range', min: 0, max: length, step: 1, value,
                           oninput, 'aria-label': name});
}

/**
 * The sliders of one axis.
 *
 * @param cut [from, to) in voxels, changed in place
 * @param inMetres function from these to metres of the world
 */
function axisSliders(axis, length, inMetres, cut, changed) {
  const text = element('span');
  const track = element('div', {className: 'track'});
  const low = slider(`${AXES[axis]}: cut from the low side`, length, cut[0],
                     () => set(Math.min(Number(low.value), cut[1] - 1), cut[1]));
  const high = slider(`${AXES[axis]}: cut from the high side`, length, cut[1],
                      () => set(cut[0], Math.max(Number(high.value), cut[0] + 1)));
  function set(from, to) {
    const moved = from !== cut[0] || to !== cut[1];
    [cut[0], cut[1]] = [from, to];
    [low.value, high.value] = cut;
    const metres = cut.map((at) => inMetres(at).toFixed(2));
    text.textContent = `${metres[0]} – ${metres[1]} m`;
    low.setAttribute('aria-valuetext', `from ${metres[0]} metres`);
    high.setAttribute('aria-valuetext', `to ${metres[1]} metres`);
    // the thumbs may lie on one another: above is the one that has room to move
    low.style.zIndex = from > length / 2 ? 1 : 0;
    track.style.setProperty('--from', from / length);
    track.style.setProperty('--to', to / length);
    if (moved) changed();
  }
  set(...cut);
  track.append(low, high);
  const head = element('div', {className: 'row'},
                       element('span', {textContent: `${AXES[axis]}, ${'XZY'[axis]}`}), text);
  const box = element('div', {className: 'cut', role: 'group',
                              'aria-label': AXES[axis]}, head, track);
  return {box, reset: () => set(0, length)};
}

/** Put the sliders of all axes into the page. */
export function makeCutSliders(scene, cuts, changed) {
  const axes = scene.shape.map((length, axis) => axisSliders(
      axis, length, (at) => toWorld([at, at, at], scene)[WORLD[axis]], cuts[axis],
      changed));
  document.getElementById('cuts').replaceChildren(...axes.map(({box}) => box));
  document.getElementById('cuts-reset').onclick = () =>
    axes.forEach(({reset}) => reset());
}
