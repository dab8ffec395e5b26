export { version } from '@dsys/language-server/version';
