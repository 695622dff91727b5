// The scene as the page holds it: JSON with deflated volumes.

const FORMAT = 1;

async function unpack(base64) {
  const packed = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(
      new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * Read the scene. Volumes become `Uint8Array`s in C order of the axes
 * (sideways, height, depth); all that are absent are null.
 */
export async function readScene(text) {
  const scene = JSON.parse(text);
  if (scene.format !== FORMAT) {
    throw new Error(`its format is ${scene.format}, not ${FORMAT}`);
  }
  const [x, y, z] = scene.shape;
  const volumes = {prediction: null, truth: null, surface: null,
                   confidence: null, unseen: null};
  for (const [name, packed] of Object.entries(scene.volumes)) {
    volumes[name] = await unpack(packed);
    if (volumes[name].length !== x * y * z) {
      throw new Error(`its ${name} is incomplete`);
    }
  }
  return {...scene, volumes};
}
