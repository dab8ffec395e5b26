/** The trace viewer. */
import { render } from 'preact';

render(<main>dsys</main>, document.body);
