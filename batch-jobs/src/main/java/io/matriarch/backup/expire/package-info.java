/** Lets backups and WAL go that nobody needs any more. */
@NullMarked
package io.matriarch.backup.expire;

import org.jspecify.annotations.NullMarked;
