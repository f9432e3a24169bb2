/** Of several managers one works: the election, what runs on the elected one, and when. */
@NullMarked
package io.matriarch.backup.manager;

import org.jspecify.annotations.NullMarked;
