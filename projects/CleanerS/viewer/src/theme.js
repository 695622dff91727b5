// Light and dark: as the system says, until the button says otherwise.

/** Follow the system and the button; `changed` is called at once, too. */
export function startTheme(changed) {
  const system = matchMedia('(prefers-color-scheme: dark)');
  const button = document.getElementById('theme');
  const root = document.documentElement;
  const isDark = () => root.style.colorScheme ? root.style.colorScheme === 'dark' :
    system.matches;
  const update = () => {
    button.setAttribute('aria-pressed', String(isDark()));
    changed();
  };
  button.onclick = () => {
    root.style.colorScheme = isDark() ? 'light' : 'dark';
    update();
  };
  system.addEventListener('change', update);
  update();
}
