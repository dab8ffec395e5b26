/** Keys of what is moved through by them: a list, a tree. With Ctrl, Meta or Alt they are somebody else's. */
export const plainKeys =
  (keys: Readonly<Record<string, (() => void) | undefined>>) =>
  (event: KeyboardEvent): void => {
    const key = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (key === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    key();
  };
