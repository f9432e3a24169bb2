/** What is known of each base backup, kept beside the backup itself: a repository explains itself. */
@NullMarked
package io.matriarch.backup.catalogue;

import org.jspecify.annotations.NullMarked;
