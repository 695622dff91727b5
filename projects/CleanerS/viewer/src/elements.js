// Small elements of the panel; text is only ever set as text.

/** Make an element with properties and children. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes('-') || name === 'role') made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

/** A button that is on or off. */
export function toggle(className, pressed, onclick, ...children) {
  return element('button', {type: 'button', className, onclick,
                            'aria-pressed': String(pressed)}, ...children);
}

/** A patch of a colour [r, g, b]. */
export function swatch(colour) {
  const patch = element('span', {className: 'swatch', 'aria-hidden': 'true'});
  patch.style.background = `rgb(${colour.join(' ')})`;
  return patch;
}
