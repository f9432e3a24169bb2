/** The job {@code check-repository}: can backups be stored here, and survive? */
@NullMarked
package io.matriarch.backup.check;

import org.jspecify.annotations.NullMarked;
