/** The commands {@code backup}, {@code backups}, {@code verify} and {@code jobs} of {@code deploy/matriarch}: a client of the REST interface. */
@NullMarked
package io.matriarch.backup.cli;

import org.jspecify.annotations.NullMarked;
