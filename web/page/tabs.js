// The tabs, as the ARIA Authoring Practices describe them: arrow keys, Home and End move, and moving shows the panel.

const tabs = [...document.querySelectorAll("[role=tab]")];

/** @param {string} name `train`, `explore`, `label` or `compare` @param {(name: string) => void} onShow */
export function startTabs(name, onShow) {
  const select = (tab, focus) => {
    for (const other of tabs) {
      const chosen = other === tab;
      other.setAttribute("aria-selected", String(chosen));
      other.tabIndex = chosen ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = !chosen;
    }
    if (focus) tab.focus();
    onShow(nameOf(tab));
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => select(tab, false));
    tab.addEventListener("keydown", (event) => {
      const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      select(tabs[(next + tabs.length) % tabs.length], true);
    });
  });
  select(tabs.find((tab) => nameOf(tab) === name) ?? tabs[0], false);
}

/** Whether a view is visible. @param {string} name */
export const isShown = (name) => !document.getElementById(`view-${name}`).hidden;

const nameOf = (tab) => tab.id.replace("tab-", "");
