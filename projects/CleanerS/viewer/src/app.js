// The state of the page, and what its controls do to it.
import {makeCutSliders} from './cut_sliders.js';
import {toggle} from './elements.js';
import {buildFaces} from './faces.js';
import {drawnVoxels, makeLayers} from './layers.js';
import {presentClasses, showLegend} from './legend.js';
import {showPictures} from './pictures.js';
import {Readout, describe} from './readout.js';
import {placeCamera} from './sensor_camera.js';
import {Stage} from './stage.js';
import {startTheme} from './theme.js';
import {firstVoxel} from './walk.js';

const byId = (id) => document.getElementById(id);
const START = 'prediction';

class App {
  constructor(scene) {
    this.scene = scene;
    this.layers = makeLayers(scene);
    this.layer = this.layers.find(({id}) => id === START);
    this.present = presentClasses(this.layers);
    this.hiddenClasses = new Set(scene.hidden);
    this.hiddenKinds = new Map(this.layers.map((layer) => [layer, new Set()]));
    this.cuts = scene.shape.map((length) => [0, length]);
    this.markUnseen = Boolean(scene.volumes.unseen);
    this.stage = new Stage(byId('scene'), scene.shape);
    this.readout = new Readout(byId('readout'));
    this.told = null; // index of the voxel that is told of
    this.pending = null; // the frame before which faces are built
    this.sensor = placeCamera(scene);
  }

  /** Draw what the state says, and let the controls say it. */
  refresh() {
    const {scene, layer, hiddenClasses} = this;
    this.rebuild();
    showLegend({scene, layer, present: this.present, hiddenClasses,
                hiddenKinds: this.hiddenKinds.get(layer),
                changed: () => this.refresh()});
    for (const button of byId('views').children) {
      button.setAttribute('aria-pressed', String(button.value === layer.id));
    }
    byId('unseen').setAttribute('aria-pressed', String(this.markUnseen));
  }

  /** Build the faces of what is drawn. */
  rebuild() {
    cancelAnimationFrame(this.pending);
    this.pending = null;
    const {scene, layer, cuts, hiddenClasses} = this;
    this.drawn = drawnVoxels(layer, scene.shape, cuts, hiddenClasses,
                             this.hiddenKinds.get(layer));
    const marked = this.markUnseen ? scene.volumes.unseen : null;
    this.faces = buildFaces(this.drawn, scene.shape, layer.colour,
                            layer.outlined, marked);
    this.stage.setFaces(this.faces);
    this.forget();
  }

  /** Rebuild before the next picture, however often a slider moves until then. */
  cut() {
    this.pending ??= requestAnimationFrame(() => this.rebuild());
  }

  /** Do now what is to be done before the next picture. */
  settle() {
    if (this.pending) this.rebuild();
  }

  show(layer) {
    this.layer = layer;
    this.refresh();
  }

  pick(x, y) {
    this.settle();
    const {origin, direction} = this.stage.ray(x, y);
    return firstVoxel(this.drawn, this.scene.shape, origin, direction);
  }

  /** Tell about the voxel at a place on the page; returns what is told. */
  read(x, y) {
    const hit = this.pick(x, y);
    if (!hit) return this.forget();
    const description = describe(this.scene, this.layer, hit);
    if (hit.index !== this.told) {
      this.told = hit.index;
      this.stage.mark(hit.voxel);
      this.readout.tell(description);
    }
    this.readout.show(x, y);
    return description;
  }

  /** Tell about the voxel in the middle, also to those who do not see it. */
  announce() {
    const frame = byId('scene').getBoundingClientRect();
    const told = this.read(frame.left + frame.width / 2, frame.top + frame.height / 2);
    byId('announcement').textContent = told ?
      [told.heading, ...told.lines].join('. ') : 'Nothing is there.';
  }

  forget() {
    this.told = null;
    this.stage.mark(null);
    this.readout.hide();
  }

  fit() {
    this.settle();
    const tools = byId('tools');
    this.stage.fit(this.drawn, tools.offsetTop + tools.offsetHeight);
  }

  async save() {
    this.settle();
    const blob = await this.stage.picture();
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = `${document.title.replace(/[^\w.-]+/g, '_') || 'scene'}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
}

function connectButtons(app) {
  byId('views').replaceChildren(...app.layers.map((layer) => {
    const button = toggle('', false, () => app.show(layer), layer.title);
    button.value = layer.id;
    return button;
  }));
  byId('fit').onclick = () => app.fit();
  byId('save').onclick = () => app.save();
  byId('unseen').hidden = !app.scene.volumes.unseen;
  byId('unseen').onclick = () => {
    app.markUnseen = !app.markUnseen;
    app.refresh();
  };
  byId('sensor').hidden = !app.sensor;
  byId('sensor').onclick = () => app.stage.takeView(app.sensor);
}

/** Actions of keys, while the drawing has the focus. */
function keyActions(app) {
  const move = (...steps) => () => {
    app.forget();
    app.stage.move(...steps);
  };
  // with Shift: across
  const turn = (right, up) => (event) => {
    app.forget();
    if (event.shiftKey) app.stage.shift(right, up);
    else app.stage.move(right, up, 0);
  };
  const actions = {
    'ArrowLeft': turn(-1, 0), 'ArrowRight': turn(1, 0),
    'ArrowUp': turn(0, 1), 'ArrowDown': turn(0, -1),
    '+': move(0, 0, 1), '=': move(0, 0, 1), '-': move(0, 0, -1),
    'Enter': () => app.announce(), 'Escape': () => app.forget(), 'r': () => app.fit(),
    'c': () => app.sensor && app.stage.takeView(app.sensor), 's': () => app.save(),
  };
  app.layers.forEach((layer, n) => actions[n + 1] = () => app.show(layer));
  return actions;
}

function connectCanvas(app) {
  const canvas = byId('scene');
  const actions = keyActions(app);
  canvas.addEventListener('keydown', (event) => {
    const act = actions[event.key] ?? actions[event.key.toLowerCase()];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act(event);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (event.buttons) app.forget();
    else app.read(event.clientX, event.clientY);
  });
  canvas.addEventListener('click', (event) => app.read(event.clientX, event.clientY));
  canvas.addEventListener('pointerleave', () => app.forget());
}

/** A small window into the state, for tests and scripts. */
function publish(app) {
  window.cleanersScene = {
    get view() { return app.layer.id; },
    get views() { return app.layers.map(({id}) => id); },
    get visibleClasses() {
      return app.present.filter((label) => !app.hiddenClasses.has(label));
    },
    get cuts() { return app.cuts.map((cut) => [...cut]); },
    get faceCount() {
      app.settle();
      return app.faces.count;
    },
    pick(x, y) {
      const hit = app.pick(x, y);
      return hit && {voxel: hit.voxel, label: app.layer.labels[hit.index]};
    },
    ray: (x, y) => app.stage.ray(x, y),
    place: (point) => app.stage.place(point),
  };
  document.documentElement.dataset.ready = 'true';
}

/** Start the page for a scene of `readScene`. */
export async function startApp(scene) {
  const app = new App(scene);
  connectButtons(app);
  makeCutSliders(scene, app.cuts, () => app.cut());
  app.refresh();
  app.stage.resize();
  app.fit();
  connectCanvas(app);
  startTheme(() => app.stage.readColours());
  await showPictures(app);
  publish(app);
}
