// Photo and depth picture: in the panel, before the camera, over the drawing,
// and on the input surface.
import {photoColours} from './photo_colours.js';
import {frustumGroup} from './sensor_camera.js';

async function loadImage(url) {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

/** Put a picture into its figure, which a click enlarges. */
function fillFigure(figure, url) {
  const button = figure.querySelector('button');
  figure.hidden = false;
  figure.querySelector('img').src = url;
  button.onclick = () => button.setAttribute(
      'aria-pressed', String(button.getAttribute('aria-pressed') === 'false'));
}

/** Blend a picture over the drawing, while it is the camera's view. */
function connectOverlay(stage, name, url) {
  const overlay = document.getElementById('overlay');
  const blend = document.getElementById('blend');
  const slider = blend.querySelector('input');
  overlay.src = url;
  overlay.alt = `${name}, over the drawing`;
  blend.querySelector('span').textContent = name;
  slider.oninput = () => {
    overlay.style.opacity = slider.value / 100;
    overlay.hidden = slider.value === '0';
  };
  stage.onSensor = (isSensor) => {
    if (blend.hidden !== isSensor) return;  // as before, in another size perhaps
    blend.hidden = !isSensor;
    slider.value = 0;
    slider.oninput();
  };
}

/** Show the pictures, and what follows from them and the camera. */
export async function showPictures(app) {
  const {scene, sensor, stage, layers} = app;
  const images = {};
  for (const name of ['photo', 'depth']) {
    if (!scene[name]) continue;
    const figure = document.getElementById(`${name}-figure`);
    fillFigure(figure, scene[name]);
    document.getElementById('pictures').hidden = false;
    try {
      images[name] = await loadImage(scene[name]);
    } catch {
      figure.querySelector('figcaption').append(': cannot be shown');
    }
  }
  if (!sensor) return;
  const image = images.photo ?? images.depth;
  stage.addFrustum(frustumGroup(sensor, scene.voxelSize, image));
  if (image) connectOverlay(stage, images.photo ? 'Photo' : 'Depth', image.src);
  const surface = layers.find(({id}) => id === 'surface');
  if (!surface || !images.photo) return;
  surface.colour = photoColours(images.photo, sensor, scene.shape, surface.colour);
  if (app.layer === surface) app.refresh();
}
