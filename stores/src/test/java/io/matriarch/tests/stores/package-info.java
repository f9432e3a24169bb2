/** Object stores as processes of this machine, for tests of repositories in them. */
@NullMarked
package io.matriarch.tests.stores;

import org.jspecify.annotations.NullMarked;
