/** The version in every output. */
export const version = '0.1.0';
