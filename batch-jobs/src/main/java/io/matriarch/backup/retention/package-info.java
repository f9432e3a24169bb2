/** Which backups may go: a pure function of the catalogue, the settings and the clock. */
@NullMarked
package io.matriarch.backup.retention;

import org.jspecify.annotations.NullMarked;
