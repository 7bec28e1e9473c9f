// Connects the parts of the page: one supervisor, four views, and a small object for scripts.

import { givenOf, refusedInWords } from "./address.js";
import { startIntro } from "./intro.js";
import { attempt, clearError, notice, showError, showUnlessInterrupted } from "./notices.js";
import { refuseStrayDrops } from "./files.js";
import { RunLog } from "./run-log.js";
import { Supervisor } from "./supervisor.js";
import { startTabs } from "./tabs.js";
import { CompareView } from "./views/compare.js";
import { ExploreView } from "./views/explore.js";
import { showExample } from "./views/grid.js";
import { LabelView } from "./views/label.js";
import { Sources } from "./views/sources.js";
import { TrainView } from "./views/train.js";
import { deviceInWords, withoutGpu } from "./words.js";

const byId = (id) => document.getElementById(id);

/** The Explore view redraws a run that trains this often. */
const FOLLOW_MS = 2_000;

const choice = givenOf("device", ["auto", "gpu", "cpu"]);
let choseCpu = choice === "cpu";
const supervisor = new Supervisor(choice);
const log = new RunLog();
const sources = new Sources(supervisor);
const explore = new ExploreView(supervisor, sources);
new TrainView(supervisor, log, drawExample);
new LabelView(supervisor, sources);
new CompareView(choice, givenOf("suite", ["standard", "brief"]));

startIntro();
refuseStrayDrops();
startTabs(givenOf("view", ["train", "explore", "label", "compare"]), (name) => {
  if (name === "explore") explore.shown();
});

byId("error-close").addEventListener("click", clearError);
byId("notice-close").addEventListener("click", () => notice(""));
byId("use-cpu").addEventListener("click", () => {
  choseCpu = true;
  attempt(() => supervisor.useCpu());
});

supervisor.on("device", ({ device }) => {
  byId("device").textContent = deviceInWords(device);
  byId("device").dataset.backend = device.backend;
  const standsIn = device.backend === "cpu" && !choseCpu ? withoutGpu(device) : "";
  const words = [refusedInWords(), standsIn].filter((sentence) => sentence !== "");
  if (words.length > 0) notice(words.join(" "));
  if (!supervisor.run) showFirstPictures().catch(showUnlessInterrupted);
});
supervisor.on("recovering", ({ cause }) => notice(`${cause} Starting it again.`));
supervisor.on("recovered", ({ cause, step }) => {
  if (step === null) {
    notice(`${cause} It was started again.`);
  } else {
    log.add({ event: "recovered", step });
    notice(`${cause} Training continues from step ${step.toLocaleString("en")}, which this page had kept.`);
  }
  explore.refresh();
});
supervisor.on("failed", ({ sentence, cpuMayHelp }) => {
  notice("");
  if (!supervisor.device) byId("device").textContent = "nothing yet";
  showError(sentence, { cpuMayHelp });
});

let followedAt = 0;
supervisor.on("event", ({ event }) => {
  if (event.event !== "samples" || sources.current !== "run" || performance.now() - followedAt < FOLLOW_MS) return;
  followedAt = performance.now();
  explore.refresh();
});

async function showFirstPictures() {
  await drawExample();
  explore.draw();
}

/** Shows the trained example on the grid, unless a run has started in the meantime. */
async function drawExample() {
  const source = "served";
  const facts = await supervisor.request("facts", { source });
  const pixels = await supervisor.request("rows", { source, columns: 10, truncation: 1, seed: 0 });
  if (log.events.length > 0) return;
  showExample(facts, pixels);
  byId("save-grid").disabled = false;
}

/** For scripts and tests; see docs/web.md. */
window.slganPage = {
  events: log.events,
  checkpoint: () => supervisor.checkpoint(),
  get facts() {
    return supervisor.facts;
  },
  get worker() {
    return supervisor.worker;
  },
};
