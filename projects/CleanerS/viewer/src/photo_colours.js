// The input surface in the colours of the photo.
import {unravel} from './grid.js';
import {projectToPixel} from './sensor_camera.js';

/** Colour (index) => [r, g, b] of voxels by the pixel at their centre. */
export function photoColours(photo, sensor, shape, otherwise) {
  const {naturalWidth: width, naturalHeight: height} = photo;
  const sheet = new OffscreenCanvas(width, height).getContext('2d');
  sheet.drawImage(photo, 0, 0);
  const {data} = sheet.getImageData(0, 0, width, height);
  const scale = width / sensor.imgSize[1];
  return (index) => {
    const centre = unravel(index, shape).map((cell) => cell + 0.5);
    const pixel = projectToPixel(sensor, centre);
    if (!pixel) return otherwise(index);
    const column = Math.min(width - 1, Math.floor((pixel[0] + 0.5) * scale));
    const row = Math.min(height - 1, Math.floor((pixel[1] + 0.5) * scale));
    const at = 4 * (row * width + column);
    return [data[at], data[at + 1], data[at + 2]];
  };
}
