// Puts the chat on a page: <script src="https://your-server/widget.js" data-parley></script>
// Options, as further attributes: data-color (accent), data-title, data-language, data-open.
// Any element with data-parley-ask="question" opens the chat and asks it.
(() => {
  const script = document.currentScript;
  if (!script || window.parleyLoaded) return;
  window.parleyLoaded = true;
  import(new URL("widget/main.js", script.src).href)
    .then(({ mount }) => mount(new URL(".", script.src), { ...script.dataset }))
    .catch((error) => console.error("Parley could not be loaded:", error));
})();
