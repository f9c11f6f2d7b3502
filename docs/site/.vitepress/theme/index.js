// @ts-check
// VitePress' own theme with the system's fonts, so that a page loads none.
import Theme from 'vitepress/theme-without-fonts';
import './style.css';

export default Theme;
