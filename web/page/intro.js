// The explanation of the method: open at the first visit, later behind its button.

const KEY = "slgan-intro-seen";
const byId = (id) => document.getElementById(id);

export function startIntro() {
  const show = (visible) => {
    byId("intro").hidden = !visible;
    byId("intro-open").setAttribute("aria-expanded", String(visible));
  };
  byId("intro-open").addEventListener("click", () => show(byId("intro").hidden));
  byId("intro-close").addEventListener("click", () => {
    show(false);
    remember();
    byId("intro-open").focus();
  });
  show(!wasSeen());
}

/** The browser may forbid storage; then every visit is the first. */
function wasSeen() {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

function remember() {
  try {
    localStorage.setItem(KEY, "yes");
  } catch {
    // Then every visit is the first.
  }
}
