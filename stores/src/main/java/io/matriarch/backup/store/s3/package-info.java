/** Repositories in a store that speaks S3; the only package that knows Amazon's SDK. */
@NullMarked
package io.matriarch.backup.store.s3;

import org.jspecify.annotations.NullMarked;
