/** The design view. */
import { render } from 'preact';

render(<main>dsys</main>, document.body);
