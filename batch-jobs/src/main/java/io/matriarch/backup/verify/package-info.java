/** The job {@code verify-backup}: a backup counts when it was restored and opened, not before. */
@NullMarked
package io.matriarch.backup.verify;

import org.jspecify.annotations.NullMarked;
