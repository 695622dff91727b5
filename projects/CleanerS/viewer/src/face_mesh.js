// Draws faces of voxels, shaded as cleaners.visualization.voxel_render shades
// them. Not instanced: renderers in software draw instances one by one.
import {BufferAttribute, BufferGeometry, DoubleSide, GLSL3, Mesh, ShaderMaterial,
        Vector3} from 'three';

const VERTEX = `
in vec4 cell;
in vec4 colour;
in vec4 light;
in vec4 edges;
uniform vec3 eye;
out vec2 place;
out vec3 grid;
flat out vec4 tint;
flat out vec4 corners;
flat out vec4 darkness;
flat out vec4 width;

// by face, low and high side of each axis
const float FACE_LIGHT[6] = float[](0.80, 0.72, 0.60, 1.00, 0.88, 0.70);

void line(float kind, bool turned, out float dark, out float wide) {
  bool outline = kind > 2.5 && (kind < 3.5 || turned);
  dark = outline ? 0.62 : kind > 1.5 ? 0.28 : kind > 0.5 ? 0.14 : 0.0;
  wide = outline ? 1.25 : kind > 1.5 ? 0.8 : 0.6;
}

void main() {
  int side = int(cell.w);
  int axis = side >> 1;
  int u = axis == 0 ? 1 : 0;
  int v = axis == 2 ? 1 : 2;
  place = vec2(gl_VertexID & 1, (gl_VertexID >> 1) & 1);
  grid = cell.xyz;
  grid[axis] += float(side & 1);
  grid[u] += place.x;
  grid[v] += place.y;

  // beyond a convex edge is the voxel's next side: seen or turned away
  vec3 low = cell.xyz;
  line(edges.x, eye[u] > low[u], darkness.x, width.x);
  line(edges.y, eye[u] < low[u] + 1.0, darkness.y, width.y);
  line(edges.z, eye[v] > low[v], darkness.z, width.z);
  line(edges.w, eye[v] < low[v] + 1.0, darkness.w, width.w);
  corners = light * FACE_LIGHT[side];
  tint = colour;
  vec3 shown = vec3(grid.xy, -grid.z);
  gl_Position = projectionMatrix * modelViewMatrix * vec4(shown, 1.0);
}`;

const FRAGMENT = `
in vec2 place;
in vec3 grid;
flat in vec4 tint;
flat in vec4 corners;
flat in vec4 darkness;
flat in vec4 width;
uniform float pixelRatio;
uniform vec3 paper;
out vec4 fragment;

void main() {
  float lit = mix(mix(corners.x, corners.y, place.x),
                  mix(corners.z, corners.w, place.x), place.y);
  vec3 shade = tint.rgb * lit;

  // oblique stripes of constant width in the room
  float along = grid.x + grid.y + grid.z;
  float blur = fwidth(along);
  float wave = abs(fract(along) - 0.5) * 2.0;
  float stripe = smoothstep(0.5 - blur, 0.5 + blur, wave);
  stripe = mix(stripe, 0.5, smoothstep(0.12, 0.35, blur));
  shade = mix(shade, paper * (0.55 + 0.45 * lit), tint.a * (0.12 + 0.20 * stripe));

  vec2 pixel = max(fwidth(place), 1e-5);
  vec4 away = vec4(place.x / pixel.x, (1.0 - place.x) / pixel.x,
                   place.y / pixel.y, (1.0 - place.y) / pixel.y);
  vec4 reach = width * pixelRatio;
  vec4 cover = 1.0 - smoothstep(reach - 0.5, reach + 0.5, away);
  // where voxels are as small as their lines, these would paint all dark
  float crowd = 1.0 - smoothstep(0.12, 0.5, max(pixel.x, pixel.y) * pixelRatio);
  vec4 dark = darkness * cover * mix(vec4(crowd), vec4(1.0), step(0.5, darkness));
  float most = max(max(dark.x, dark.y), max(dark.z, dark.w));
  fragment = vec4(shade * (1.0 - most), 1.0);
}`;

/** Four values a face as an attribute, the same at its four vertices. */
function attribute(values, normalized) {
  const repeated = new values.constructor(4 * values.length);
  for (let at = 0; at < values.length; at += 4) {
    const face = values.subarray(at, at + 4);
    for (let corner = 0; corner < 4; corner++) {
      repeated.set(face, 4 * (at + corner));
    }
  }
  return new BufferAttribute(repeated, 4, normalized);
}

/** Two triangles a face. */
function triangles(count) {
  const index = new Uint32Array(6 * count);
  for (let face = 0; face < count; face++) {
    index.set([0, 1, 3, 0, 3, 2].map((corner) => 4 * face + corner), 6 * face);
  }
  return new BufferAttribute(index, 1);
}

/** A mesh whose faces can be exchanged. */
export class FaceMesh {
  constructor() {
    this.material = new ShaderMaterial({
      glslVersion: GLSL3, vertexShader: VERTEX, fragmentShader: FRAGMENT,
      side: DoubleSide,
      uniforms: {eye: {value: new Vector3()}, pixelRatio: {value: 1},
                 paper: {value: new Vector3(1, 1, 1)}},
    });
    this.mesh = new Mesh(new BufferGeometry(), this.material);
    this.mesh.frustumCulled = false;
  }

  /** Show the faces of `buildFaces`. */
  setFaces({count, cells, colours, lights, edges}) {
    const geometry = new BufferGeometry();
    geometry.setIndex(triangles(count));
    geometry.setAttribute('cell', attribute(cells, false));
    geometry.setAttribute('colour', attribute(colours, true));
    geometry.setAttribute('light', attribute(lights, true));
    geometry.setAttribute('edges', attribute(edges, false));
    this.mesh.geometry.dispose();
    this.mesh.geometry = geometry;
    this.mesh.visible = count > 0;
  }

  /** Tell where the camera is, and how fine the screen is. */
  prepare(camera, pixelRatio) {
    const {x, y, z} = camera.position;
    this.material.uniforms.eye.value.set(x, y, -z);
    this.material.uniforms.pixelRatio.value = pixelRatio;
  }
}
