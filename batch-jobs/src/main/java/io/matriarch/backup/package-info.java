/** Jobs of the manager. {@link io.matriarch.backup.BackupJobs} starts them; one package below holds each. */
@NullMarked
package io.matriarch.backup;

import org.jspecify.annotations.NullMarked;
