// What a comparison of reports says, in words for people who never read about it.

import { counted } from "./words.js";

/** From the best to the worst, as the library names them. */
const ORDER = ["identical", "absent", "within", "excused", "outside"];

const TITLES = {
  identical: "The same, bit for bit",
  absent: "The same, bit for bit",
  within: "The same, but for rounding",
  excused: "The same, but for a tie",
  outside: "Not the same",
};

/** The parts of a suite, with what may differ in them. */
export const LAYERS = {
  exact: { title: "Fixed numbers", about: "must be equal everywhere" },
  strict: { title: "Strict arithmetic", about: "must be equal everywhere" },
  kernels: { title: "Operations", about: "may round differently" },
  training: { title: "Training runs", about: "may move apart as far as rounding explains" },
};

const ROUNDING =
  "Some numbers differ in their last digits, because devices round differently, but none differs by more than " +
  "rounding explains.";

const TIE =
  "In a training run, two labels of a picture were almost a tie, and rounding decided it. From there on, even two " +
  "correct devices go different ways, so what follows in that run proves nothing.";

/** A verdict in a few words. @param {string} verdict */
export const titleOf = (verdict) => TITLES[verdict];

/** The worst of some verdicts. @param {string[]} verdicts of which there is at least one */
export const worst = (verdicts) => ORDER[Math.max(...verdicts.map((verdict) => ORDER.indexOf(verdict)))];

/**
 * What the verdicts on a report mean.
 * @param {string} who the device that the report is from, at the beginning of a sentence
 * @param {string[]} verdicts one for each other device
 */
export function explained(who, verdicts) {
  const count = verdicts.length;
  const all = ["", "the other device", "both other devices"][count] ?? `all ${count} other devices`;
  const bad = verdicts.filter((verdict) => verdict === "outside").length;
  const others = bad < count ? `${bad} of ${count} other devices` : all;
  const same = `${who} computes the same as ${all}.`;
  switch (worst(verdicts)) {
    case "outside":
      return (
        `${who} does not compute the same as ${others}: numbers differ by more than rounding explains. Either the ` +
        "programs are not of the same version, or one of the devices, or its driver, computes something wrong. Below " +
        "is where it begins. If you report this, add the saved report."
      );
    case "excused":
      return `${same} ${ROUNDING} ${TIE}`;
    case "within":
      return `${same} ${ROUNDING}`;
    default:
      return `${same} Every number that was compared is equal, down to the last bit.`;
  }
}

/** What a report says about its own device. @param {object} facts of the operation `read` */
export function alone({ results, outside, repeats }) {
  const faults = [];
  if (outside > 0) {
    const wrong = counted(outside, "result of its operations is", "results of its operations are");
    faults.push(`${wrong} further from exact arithmetic than rounding explains, of ${results.toLocaleString("en")}`);
  }
  if (!repeats) faults.push("a training that was done twice did not give the same numbers");
  return faults.length === 0
    ? "On its own, the device passes: its operations are as close to exact arithmetic as rounding allows, and a " +
        "training that was done twice gave the same numbers."
    : `On its own, the device fails: ${faults.join(", and ")}.`;
}

/** How many items have which verdict. @param {{[verdict: string]: number}} counts */
export function countsInWords(counts) {
  const words = {
    identical: "identical",
    within: "within rounding",
    absent: "not in both",
    excused: "after a tie",
    outside: "outside",
  };
  const named = Object.entries(words).filter(([verdict]) => counts[verdict] > 0);
  const parts = named.map(([verdict, word]) => `${counts[verdict].toLocaleString("en")} ${word}`);
  // Older reports have no strict arithmetic.
  return parts.join(", ") || "not in these reports";
}

/** A distance as a share of what rounding explains. @param {number | null} share null if there is none */
export function shareInWords(share) {
  if (share === null) return "–";
  if (share > 0 && share < 0.01) return "below 1 %";
  if (share < 10) return `${Math.round(100 * share)} %`;
  return `${Number(share.toPrecision(2)).toLocaleString("en")} times`;
}
