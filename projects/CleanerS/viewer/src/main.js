// Entry point: reads the scene that the page holds, and shows it.
import {startApp} from './app.js';
import {readScene} from './payload.js';

function complain(text) {
  const message = document.getElementById('message');
  message.textContent = text;
  message.hidden = false;
}

async function main() {
  if (!('DecompressionStream' in window)) {
    return complain('This browser is too old for the page: it needs ' +
                    'Firefox 120, Chromium 123, Safari 17.5 or newer.');
  }
  const probe = document.createElement('canvas').getContext('webgl2');
  if (!probe) {
    return complain('This browser shows no 3D graphics: WebGL 2 is switched ' +
                    'off or not supported.');
  }
  // a browser has few of them
  probe.getExtension('WEBGL_lose_context')?.loseContext();
  await startApp(await readScene(document.getElementById('scene-data').textContent));
}

main().catch((error) => complain(`The scene cannot be shown: ${error.message}`));
