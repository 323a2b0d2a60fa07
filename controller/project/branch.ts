/** What only orders what it holds: `rescue` runs where one of `tasks` fails, `always` in any case. */
export interface Branch<L> {
  is: "block";
  tasks: readonly (L | Branch<L>)[];
  rescue: readonly (L | Branch<L>)[];
  always: readonly (L | Branch<L>)[];
}
