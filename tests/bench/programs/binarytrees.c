/* Allocation and freeing of many small trees. */
#include <stdio.h>
#include <stdlib.h>

typedef struct Tree { struct Tree *left, *right; } Tree;    /* NULL: a leaf */

static Tree *make(long depth) {
    if (depth == 0) return NULL;
    Tree *tree = malloc(sizeof *tree);
    tree->left = make(depth - 1);
    tree->right = make(depth - 1);
    return tree;
}

static long check(const Tree *tree) { return tree ? 1 + check(tree->left) + check(tree->right) : 1; }

static void drop(Tree *tree) {
    if (!tree) return;
    drop(tree->left);
    drop(tree->right);
    free(tree);
}

static long check_new(long depth) {
    Tree *tree = make(depth);
    long found = check(tree);
    drop(tree);
    return found;
}

int main(void) {
    long n = 16, total = check_new(n + 1);
    Tree *long_lived = make(n);
    for (long depth = 4; depth <= n; depth += 4)
        for (long i = 0; i < 1L << (n - depth + 4); i++) total += check_new(depth);
    printf("%ld\n", total + check(long_lived));
    return 0;
}
