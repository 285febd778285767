"""What is made in a function and seen nowhere else.

In:  a Graph before facts are known, with what it calls inlined. Out: `Escape(graph, program)`: `shapes`, the values (what makes instances, records, tuples,
closures and cells, and parameters of blocks that get nothing else) which do not escape.
Holds: an object escapes when a use of it is not one of those in `_USES`, or when another object that it is in does (Choi et al., 1999, with all that is known
being what stands in this graph). Objects that flow together into a parameter stay only if all of them do, are of one shape, and do not change afterwards.
"""
from .graph import TAGGED, Edge
from .registers import fields
from .targets import MADE, answer_of_made, made_value

NOTHING_OF_OBJECTS = {"move", "narrow", "reify", "reifyr", "checkset", "frame"}       # uses that need none of what an object holds
CHANGES = {"setslot", "setslot.float", "setfield", "setcell"}


class Escape:
    """See above."""

    def __init__(self, graph, program):
        self.graph, self.program = graph, program
        self.open = set()           # tests of what is made which stay, since that does
        wrong = True
        while wrong:
            self._find()
            wrong = {test for test in self.decided if not self._is_right(test)}
            self.open |= wrong

    def _find(self):
        self.decided = set()        # tests that go if their objects do
        self.uses = {}              # value -> [(user, number of the input)], the user a Node or an Edge
        self.home = {}              # node -> its block
        self.into = {}              # parameter of a block -> the values that edges give it
        self.frames = {}            # Scope -> the closure of its frame
        self._read()
        self.shapes = self._candidates()
        todo = True
        while todo:
            todo = {root for root in self.shapes if self._escapes(root)}
            for root in todo:
                self.shapes.pop(root)

    def _read(self):
        self.blocks = self._reachable()
        for block in self.blocks:
            for node in block.nodes:
                self.home[node] = block
                if node.op == "frame":
                    self.frames[node.place.scope] = node.inputs[0]
                for number, value in enumerate(node.inputs):
                    self.uses.setdefault(value, []).append((node, number))
            for edge in self.taken(block):
                for number, (param, value) in enumerate(zip(edge.block.params, edge.values)):
                    self.uses.setdefault(value, []).append((edge, number))
                    self.into.setdefault(param, []).append(value)

    def _reachable(self):
        """The blocks that can be reached as far as tests of what is made tell."""
        found = [self.graph.blocks[0]]
        seen = {*found}
        for block in found:
            for edge in self.taken(block):
                if edge.block not in seen:
                    seen.add(edge.block)
                    found.append(edge.block)
        return found

    def taken(self, block):
        """The edges that lead from a block, as far as those tests tell."""
        end = block.nodes[-1]
        answer = self._answer(end.inputs[0]) if end.op == "branch" and end.inputs[0] not in self.open else None
        if answer is None:
            return [*block.leaving()]
        self.decided.add(end.inputs[0])
        return [node.unwind for node in block.nodes if node.unwind is not None] + [block.edges[not answer]]

    def _answer(self, test):
        """What a test probably gives: a parameter that is tested for a class may get only such objects."""
        return True if test.op == "isclass" and made_value(test.inputs[0]).op == "param" else answer_of_made(test)

    def _is_right(self, test):
        root = made_value(test.inputs[0])
        return root in self.shapes and (root.op != "param" or self.shapes[root][:2] == ("instance", test.data[0]))

    # -- shapes: (kind, what tells it from others, names of its fields) --

    def _candidates(self):
        shapes = {node: shape for node in self.home if node.op in MADE and (shape := self._shape(node))}
        params = {param: None for param in self.into if param.rep == TAGGED}
        changed = True
        while changed:              # optimistic: parameters that get each other may be objects
            changed = False
            for param in [*params]:
                roots = [made_value(value) for value in self.into[param]]
                found = {params.get(root, shapes.get(root)) for root in roots} - {None}
                if any(root not in shapes and root not in params for root in roots) or len(found | {params[param]} - {None}) > 1:
                    del params[param]
                    changed = True
                elif found and params[param] is None:
                    params[param] = found.pop()
                    changed = True
        return shapes | {param: shape for param, shape in params.items() if shape and shape[0] not in ("closure", "newcell")}

    def _shape(self, node):
        if node.op in ("construct", "object"):
            type_ = node.constant("type")
            return None if type_.kind != "class" or self._is_error(type_.index) else ("instance", type_.index, (*range(fields(self.program, type_.index)),))
        if node.op == "record":
            names = (*node.constant("t"),)
            return ("record", names, names) if len({*names}) == len(names) else None
        if node.op == "closure":
            return "closure", node, (*range(len(self.captures(node))),)
        count = 1 if node.op == "newcell" else node.data["n"]
        return node.op, count, (*range(count),)

    def captures(self, closure):
        """What the function of a `closure` captures."""
        return self.program.functions[closure.constant("f").index].captures

    def _is_error(self, class_):
        while isinstance(class_, int):
            class_ = self.program.classes[class_].parent
        return isinstance(class_, str)

    # -- uses --

    def aliases(self, root):
        """The values that are the object: the root, and moves of it."""
        found = [root]
        for value in found:
            found += [user for user, _ in self.uses.get(value, ()) if user.__class__ is not Edge and user.op in ("move", "narrow")]
        return found

    def _escapes(self, root):
        changes = flows = False
        for value in self.aliases(root):
            for user, number in self.uses.get(value, ()):
                if user.__class__ is Edge:
                    if user.block.params[number] not in self.shapes:
                        return True
                    flows = True
                elif not self._stays(root, user, number):
                    return True
                elif user.op in CHANGES:
                    changes = changes or root.op == "param" or self.home[user] is not self.home[root]
        if root.op == "param":
            return changes or any(made_value(value) not in self.shapes for value in self.into[root])
        return changes and flows

    def _stays(self, root, user, number):
        """Does the object stay away in spite of a use?"""
        kind, _, names = self.shapes[root]
        op = user.op
        if op == "reifyr":
            return user.reads[number][0] == "a"
        if op in NOTHING_OF_OBJECTS:
            return op != "frame" or self._frame_stays(user)
        if op in ("isclass", "isfunction", "jnone", "jnotnone", "jset"):
            return True
        if op in ("getslot", "getslot.float", "setslot", "setslot.float"):
            return kind == "instance" and user.data["i"] in names and user.reads[number][0] == ("b" if op.startswith("get") else "a")
        if op in ("getfield", "setfield"):
            return kind == "record" and user.constant("name") in names and user.reads[number][0] == ("b" if op == "getfield" else "a")
        if op in ("getcell", "setcell"):
            return kind == "newcell" and user.reads[number][0] == ("b" if op == "getcell" else "a")
        if op == "getup":
            return kind == "closure" and not self.captures(root)[user.data["i"]].is_cell
        if op in ("getupcell", "setupcell"):
            return kind == "closure" and user.reads[number][0] == "closure" and self.captured(root, user.data["i"]) in self.shapes
        if op == "closure":
            return kind == "newcell" and user in self.shapes
        return op == "untuple" and kind == "tuple" and user.data["n"] == len(names)

    def _frame_stays(self, frame):
        """Does nothing look into the frame for what its closure captures?"""
        return all(node in self.shapes for node in self.home if node.op == "closure" and node.place.scope is frame.place.scope
                   and any(capture.from_parent for capture in self.captures(node)))

    def captured(self, closure, number):
        """Where the value comes from that a `closure` captures as this number: what is made, or None."""
        capture = self.captures(closure)[number]
        if capture.from_parent:
            parent = self.parent(closure)
            return self.captured(parent, capture.index) if parent in self.shapes else None
        return made_value(given(closure, "f", number))

    def parent(self, closure):
        """The closure of the frame in which another is made."""
        scope = closure.place.scope
        return made_value(self.frames[scope]) if scope in self.frames else self.graph.blocks[0].params[-1]


def given(node, operand, index):
    """The input of a node by its access."""
    return next(value for value, access in zip(node.inputs, node.reads) if access[:2] == (operand, index))
