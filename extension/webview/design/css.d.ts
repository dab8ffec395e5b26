/** Stylesheets are bundled into a file of their own; importing one names nothing. */
declare module '*.css';
