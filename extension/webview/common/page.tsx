/** What every page shows when it has nothing else to show. */
import { Component, type ComponentChildren, type JSX } from 'preact';

export function Notice({ title, text }: { readonly title: string; readonly text: string }): JSX.Element {
  return (
    <main class="notice">
      <h1>{title}</h1>
      <p role="status">{text}</p>
    </main>
  );
}

interface GuardProps {
  /** "The viewer" */
  readonly what: string;
  readonly children: ComponentChildren;
}

/** An error of the page's own is told instead of leaving an empty one. */
export class Guard extends Component<GuardProps, { readonly error: string | null }> {
  override state = { error: null };

  static override getDerivedStateFromError(error: unknown): { error: string } {
    return { error: error instanceof Error ? error.message : String(error) };
  }

  override render(): ComponentChildren {
    if (this.state.error === null) return this.props.children;
    return <Notice title={`${this.props.what} failed`} text={`This is a bug of dsys: ${this.state.error}`} />;
  }
}
