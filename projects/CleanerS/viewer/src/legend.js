// The legend: buttons that hide and show classes, and kinds of voxels.
import {element, swatch, toggle} from './elements.js';
import {EMPTY, countClasses, countKinds} from './layers.js';

function entry(name, colour, count, hidden, id) {
  const press = (event) => {
    if (event.shiftKey) return only();
    if (!hidden.set.delete(id)) hidden.set.add(id);
    hidden.changed();
  };
  const only = () => {
    hidden.ids.forEach((other) => other === id ? hidden.set.delete(other) :
      hidden.set.add(other));
    hidden.changed();
  };
  const button = toggle('entry', !hidden.set.has(id), press, swatch(colour),
                        element('span', {className: 'name', textContent: name}),
                        element('span', {className: 'count', textContent:
                          count.toLocaleString('en-GB'), title: 'voxels in this view'}));
  button.ondblclick = only;
  button.title = 'Click: hide or show. Double click, or with Shift: show this one only.';
  return button;
}

/** Fill a list, without losing the focus when it is made again. */
function fill(list, buttons) {
  const focus = [...list.querySelectorAll('button')].indexOf(document.activeElement);
  list.replaceChildren(...buttons.map((button) => element('li', {}, button)));
  buttons[focus]?.focus();
}

/**
 * Show the legend of a layer.
 *
 * @param hiddenClasses, hiddenKinds sets of what is hidden; changed here
 * @param changed called after a change
 */
export function showLegend({scene, layer, present, hiddenClasses, hiddenKinds, changed}) {
  const kinds = document.getElementById('kinds');
  const kindCounts = countKinds(layer);
  kinds.parentElement.hidden = !layer.kinds;
  document.getElementById('kinds-title').textContent = layer.title;
  const kindIds = layer.groups.map((_, n) => n + 1);
  fill(kinds, layer.groups.map(({name, colour}, n) => entry(
      name, colour, kindCounts[n], {set: hiddenKinds, ids: kindIds, changed}, n + 1)));

  const counts = countClasses(layer);
  fill(document.getElementById('classes'), present.map((label) => entry(
      scene.classes[label], scene.palette[label], counts[label],
      {set: hiddenClasses, ids: present, changed}, label)));
  const all = (hide) => () => {
    present.forEach((label) => hide ? hiddenClasses.add(label) :
      hiddenClasses.delete(label));
    changed();
  };
  document.getElementById('classes-all').onclick = all(false);
  document.getElementById('classes-none').onclick = all(true);
}

/** Classes that occur in any layer, in order. */
export function presentClasses(layers) {
  const found = new Set();
  for (const layer of layers) {
    countClasses(layer).forEach((count, label) => count && found.add(label));
  }
  found.delete(EMPTY);
  return [...found].sort((a, b) => a - b);
}
