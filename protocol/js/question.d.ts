/** Types of the picture of the browser's question; see docs/page-developer.md for its use. */

export interface QuestionOptions {
  /** `zh-Hans` if left out. */
  language?: "zh-Hans" | "en";
  /** The one that runs the page if left out. */
  browser?: "chromium" | "firefox";
}

/** Whether this browser is going to ask the person when the page connects for the first time. */
export function willAsk(): Promise<boolean>;

/** How to undo a Block, step by step. */
export function unblockSteps(options?: QuestionOptions): readonly string[];

/** A figure that shows the question as the browser will ask it; `host` is the page's own. */
export function questionPicture(options?: QuestionOptions & { host?: string }): HTMLElement;
