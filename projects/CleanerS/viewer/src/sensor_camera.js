// The camera that took the photo: its place in the grid, its frustum, and
// which pixel sees a point.
import {BufferAttribute, BufferGeometry, DoubleSide, Group, LineBasicMaterial,
        LineSegments, Matrix4, Mesh, MeshBasicMaterial, SRGBColorSpace, Texture,
        Vector3} from 'three';

import {flip, toGrid} from './grid.js';

// metres from the camera to the picture that is shown before it
const PICTURE_DISTANCE = 0.3;

const column = (matrix, n) => [matrix[0][n], matrix[1][n], matrix[2][n]];
const order = ([x, y, z]) => [x, z, y];

/** Place the scene's camera in the grid, or null without one. */
export function placeCamera(scene) {
  if (!scene.camera) return null;
  const {cam2world, intrinsics, imgSize} = scene.camera;
  const [right, down, forward] = [0, 1, 2].map((n) => order(column(cam2world, n)));
  return {eye: toGrid(column(cam2world, 3), scene), right, down, forward,
          intrinsics, imgSize};
}

/** Pixel [u, v] that sees a point in grid coordinates, or null. */
export function projectToPixel({eye, right, down, forward, intrinsics, imgSize}, point) {
  const away = point.map((value, axis) => value - eye[axis]);
  const [x, y, z] = [right, down, forward].map(
      (axis) => away[0] * axis[0] + away[1] * axis[1] + away[2] * axis[2]);
  const [fx, fy, cx, cy] = intrinsics;
  const u = fx * x / z + cx;
  const v = fy * y / z + cy;
  const inside = z > 0 && u >= -0.5 && v >= -0.5 && u < imgSize[1] - 0.5 &&
    v < imgSize[0] - 0.5;
  return inside ? [u, v] : null;
}

/** Make a camera of three.js see what the sensor's sees, margins aside. */
export function applyView(camera, sensor, width, height) {
  const [fx, fy, cx, cy] = sensor.intrinsics;
  const [rows, columns] = sensor.imgSize;
  const scale = Math.min(width / columns, height / rows);
  const [right, up, back] = [flip(sensor.right), flip(sensor.down).map((x) => -x),
                             flip(sensor.forward).map((x) => -x)];
  camera.position.set(...flip(sensor.eye));
  camera.quaternion.setFromRotationMatrix(new Matrix4().makeBasis(
      ...[right, up, back].map((axis) => new Vector3(...axis))));
  camera.fov = 2 * Math.atan(height / (2 * scale * fy)) * 180 / Math.PI;
  camera.setViewOffset(width, height, ((columns - 1) / 2 - cx) * scale,
                       ((rows - 1) / 2 - cy) * scale, width, height);
  // after the offset, which sets one of square pixels
  camera.aspect = width / height * fy / fx;
}

/** Lines of the frustum, closed by the photo where there is one. */
export function frustumGroup(sensor, voxelSize, photo) {
  const [fx, fy, cx, cy] = sensor.intrinsics;
  const [rows, columns] = sensor.imgSize;
  const reach = PICTURE_DISTANCE / voxelSize;
  const corner = (u, v) => flip([0, 1, 2].map((axis) => sensor.eye[axis] + reach *
    ((u - cx) / fx * sensor.right[axis] + (v - cy) / fy * sensor.down[axis] +
     sensor.forward[axis])));
  const quad = [corner(-0.5, -0.5), corner(columns - 0.5, -0.5),
                corner(columns - 0.5, rows - 0.5), corner(-0.5, rows - 0.5)];
  const ends = quad.flatMap((point, n) =>
    [flip(sensor.eye), point, point, quad[(n + 1) % 4]]);
  const group = new Group();
  group.userData = {apex: new Vector3(...flip(sensor.eye)), reach};
  group.add(new LineSegments(
      new BufferGeometry().setFromPoints(ends.map((point) => new Vector3(...point))),
      new LineBasicMaterial()));
  if (photo) group.add(picture(quad, photo));
  return group;
}

/** Whether a camera is far enough from a frustum to look at it. */
export function isOutside({userData: {apex, reach}}, camera) {
  return camera.position.distanceTo(apex) > 2 * reach;
}

function picture(quad, photo) {
  const geometry = new BufferGeometry();
  geometry.setAttribute('position', new BufferAttribute(new Float32Array(quad.flat()), 3));
  geometry.setAttribute('uv', new BufferAttribute(
      new Float32Array([0, 1, 1, 1, 1, 0, 0, 0]), 2));
  geometry.setIndex([0, 3, 2, 0, 2, 1]);
  const texture = new Texture(photo);
  texture.colorSpace = SRGBColorSpace;
  texture.needsUpdate = true;
  return new Mesh(geometry, new MeshBasicMaterial(
      {map: texture, side: DoubleSide, transparent: true, opacity: 0.8}));
}
