// Shows a grid of the strip in the large frame, after a click or a move of the slider. The page is complete without it.
(() => {
  const shown = document.getElementById("shown");
  const slider = document.getElementById("slider");
  if (!shown || !slider) return;
  const figures = [...document.querySelectorAll("#strip figure")];
  const show = (index) => {
    shown.src = figures[index].querySelector("img").src;
    document.getElementById("caption").textContent = figures[index].textContent.trim();
    slider.value = index;
    figures.forEach((figure, other) => figure.classList.toggle("current", other === index));
  };
  slider.max = figures.length - 1;
  slider.hidden = false;
  slider.addEventListener("input", () => show(slider.valueAsNumber));
  figures.forEach((figure, index) => figure.addEventListener("click", () => show(index)));
  show(figures.length - 1);
})();
