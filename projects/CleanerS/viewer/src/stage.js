// What is drawn: the room, the ground of its box, the marked voxel, the sensor's camera.
import {BoxGeometry, Color, EdgesGeometry, LineBasicMaterial, LineSegments,
        PerspectiveCamera, Raycaster, Scene, Spherical, Vector2, Vector3,
        WebGLRenderer} from 'three';
import {OrbitControls} from 'three/addons/controls/OrbitControls.js';

import {FaceMesh} from './face_mesh.js';
import {FOV, fitView} from './fit_view.js';
import {flip} from './grid.js';
import {applyView, isOutside} from './sensor_camera.js';

const TURN = Math.PI / 24;
const ZOOM = 1.12;
// of the distance to what is looked at
const SHIFT = 0.06;

function edges(size) {
  return new LineSegments(new EdgesGeometry(new BoxGeometry(...size)),
                          new LineBasicMaterial());
}

export class Stage {
  constructor(canvas, shape) {
    this.canvas = canvas;
    this.shape = shape;
    this.renderer = new WebGLRenderer({canvas, antialias: true});
    this.scene = new Scene();
    this.faces = new FaceMesh();
    this.ground = edges([shape[0], 0, shape[2]]);
    this.ground.position.set(shape[0] / 2, 0, -shape[2] / 2);
    this.marker = edges([1.04, 1.04, 1.04]);
    this.marker.visible = false;
    this.marker.material.depthTest = false;
    this.marker.renderOrder = 1;
    this.frustum = null;
    this.scene.add(this.faces.mesh, this.ground, this.marker);

    this.sensor = null; // while the view is the sensor's
    this.onSensor = () => {}; // called with whether it is
    const reach = Math.hypot(...shape);
    this.camera = new PerspectiveCamera(FOV, 1, 0.05, 20 * reach);
    this.controls = new OrbitControls(this.camera, canvas);
    this.controls.zoomToCursor = true;
    this.controls.maxDistance = 6 * reach;
    // a press that moves nothing does not leave the sensor's view
    this.controls.addEventListener('change', () => {
      this.leaveSensor();
      this.invalidate();
    });
    canvas.addEventListener('webglcontextrestored', () => this.invalidate());
    this.unfitted = null; // what is to be fitted once the canvas has a size
    new ResizeObserver(() => this.resize()).observe(canvas);
  }

  addFrustum(group) {
    this.frustum = group;
    this.scene.add(group);
    this.readColours();
  }

  /** Take over the colours that the style sheet gives the canvas. */
  readColours() {
    const style = getComputedStyle(this.canvas);
    this.paper = new Color().setStyle(style.backgroundColor);
    this.renderer.setClearColor(this.paper);
    const {uniforms} = this.faces.material;
    uniforms.paper.value.setFromColor(this.paper.clone().convertLinearToSRGB());
    this.ground.material.color.setStyle(style.borderTopColor);
    this.marker.material.color.setStyle(style.color);
    this.frustum?.children[0].material.color.setStyle(style.color);
    this.invalidate();
  }

  setFaces(faces) {
    this.faces.setFaces(faces);
    this.invalidate();
  }

  mark(voxel) {
    if (!voxel && !this.marker.visible) return;
    this.marker.visible = voxel !== null;
    if (voxel) this.marker.position.set(...flip(voxel.map((cell) => cell + 0.5)));
    this.invalidate();
  }

  resize() {
    const {clientWidth, clientHeight} = this.canvas;
    if (!clientWidth || !clientHeight) return;
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio, 2));
    this.renderer.setSize(clientWidth, clientHeight, false);
    if (this.sensor) {
      this.takeView(this.sensor);
    } else {
      this.camera.aspect = clientWidth / clientHeight;
      this.camera.updateProjectionMatrix();
    }
    if (this.unfitted) this.fit(...this.unfitted);
    this.draw();
  }

  /** Show all that is drawn, below the uppermost `top` pixels. */
  fit(drawn, top) {
    this.leaveSensor();
    const {clientWidth, clientHeight} = this.canvas;
    // a page that is not shown yet
    this.unfitted = clientWidth && clientHeight ? null : [drawn, top];
    if (this.unfitted) return;
    this.camera.fov = FOV;
    this.camera.aspect = clientWidth / clientHeight;
    this.camera.updateProjectionMatrix();
    const {eye, forward, distance} = fitView(
        drawn, this.shape, this.camera.aspect, top / clientHeight);
    this.camera.position.set(...eye);
    this.controls.target.set(...eye.map((at, axis) => at + distance * forward[axis]));
    this.controls.update();
    this.invalidate();
  }

  /** See the room as the sensor saw it. */
  takeView(sensor) {
    this.sensor = sensor;
    applyView(this.camera, sensor, this.canvas.clientWidth, this.canvas.clientHeight);
    this.camera.updateProjectionMatrix();
    const ahead = this.shape[2] / 2 - Math.min(0, sensor.eye[2]);
    this.controls.target.set(...flip(sensor.eye.map(
        (at, axis) => at + ahead * sensor.forward[axis])));
    this.onSensor(true);
    this.invalidate();
  }

  leaveSensor() {
    if (!this.sensor) return;
    this.sensor = null;
    this.camera.clearViewOffset();
    this.camera.aspect = this.canvas.clientWidth / this.canvas.clientHeight;
    this.camera.updateProjectionMatrix();
    this.onSensor(false);
  }

  /** Turn by steps around the room, and go nearer by steps. */
  move(right, up, nearer) {
    this.leaveSensor();
    const {camera, controls} = this;
    const arm = camera.position.clone().sub(controls.target);
    const round = new Spherical().setFromVector3(arm);
    round.theta += TURN * right;
    round.phi -= TURN * up;
    round.radius *= ZOOM ** -nearer;
    camera.position.setFromSpherical(round.makeSafe()).add(controls.target);
    controls.update();
    this.invalidate();
  }

  /** Shift by steps across the view; what it turns round goes along. */
  shift(right, up) {
    this.leaveSensor();
    const {camera, controls} = this;
    const step = SHIFT * camera.position.distanceTo(controls.target);
    const across = new Vector3(right, up, 0).multiplyScalar(step)
        .applyQuaternion(camera.quaternion);
    camera.position.add(across);
    controls.target.add(across);
    controls.update();
    this.invalidate();
  }

  /** Ray {origin, direction} in grid coordinates of a place on the page. */
  ray(x, y) {
    const frame = this.canvas.getBoundingClientRect();
    const at = new Vector2((x - frame.left) / frame.width * 2 - 1,
                           1 - (y - frame.top) / frame.height * 2);
    this.camera.updateMatrixWorld();
    const caster = new Raycaster();
    caster.setFromCamera(at, this.camera);
    return {origin: flip(caster.ray.origin.toArray()),
            direction: flip(caster.ray.direction.toArray())};
  }

  /** Place on the page {x, y} of a point in grid coordinates. */
  place(point) {
    const frame = this.canvas.getBoundingClientRect();
    this.camera.updateMatrixWorld();
    const at = new Vector3(...flip(point)).project(this.camera);
    return {x: frame.left + (at.x + 1) / 2 * frame.width,
            y: frame.top + (1 - at.y) / 2 * frame.height};
  }

  invalidate() {
    this.pending ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.pending);
    this.pending = null;
    // from near its apex, its picture would hide the room
    if (this.frustum) this.frustum.visible = isOutside(this.frustum, this.camera);
    this.faces.prepare(this.camera, this.renderer.getPixelRatio());
    this.renderer.render(this.scene, this.camera);
  }

  /** Promise of the picture as a PNG blob. */
  picture() {
    this.draw();
    return new Promise((resolve) => this.canvas.toBlob(resolve, 'image/png'));
  }
}
