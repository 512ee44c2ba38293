namespace Autodiff.CSharp;

/// <summary>Axes and elements in another order, values in parts, repeated, or with something around them.</summary>
public static class Arranging
{
    /// <param name="x">The argument.</param>
    extension(Node x)
    {
        /// <summary>An axis moved to another place of the result; the others stay in their order.</summary>
        /// <param name="source">The axis; a negative one counts from the end.</param>
        /// <param name="destination">Its place in the result.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node MoveAxis(int source, int destination) => FSharp.Arranging.moveAxis(source, destination, x);

        /// <summary>Axes moved to other places of the result; the others stay in their order.</summary>
        /// <param name="source">The axes; negative ones count from the end.</param>
        /// <param name="destination">Their places in the result, as many.</param>
        /// <exception cref="ShapeException">There is no such axis, one is named twice, or the counts differ.</exception>
        public Node MoveAxis(IEnumerable<int> source, IEnumerable<int> destination) =>
            FSharp.Arranging.moveAxes(source, destination, x);

        /// <summary>New axes of size 1 at the given places of the result.</summary>
        /// <param name="axes">The places; negative ones count from the end of the result.</param>
        /// <exception cref="ShapeException">There is no such place, or one is named twice.</exception>
        public Node ExpandDims(params IEnumerable<int> axes) => FSharp.Arranging.expandDims(axes, x);

        /// <summary>The elements in reverse order along axes; along all of them if none is given.</summary>
        /// <param name="axes">The axes.</param>
        /// <exception cref="ShapeException">There is no such axis, or one is named twice.</exception>
        public Node Flip(params IEnumerable<int> axes) => FSharp.Arranging.flip(axes, x);

        /// <summary>The elements moved on, so that what leaves at the end comes in at the start.</summary>
        /// <param name="shift">How far; a negative number moves them back.</param>
        /// <param name="axis">The axis; if none is given, the elements move as if they stood in one row.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node Roll(int shift, int? axis = null) => FSharp.Arranging.roll([shift], axis is { } one ? [one] : [], x);

        /// <summary>The elements moved on along several axes.</summary>
        /// <param name="shifts">How far along each axis; one number serves all.</param>
        /// <param name="axes">The axes; one that is named twice is moved twice.</param>
        /// <exception cref="ShapeException">There is no such axis, or the counts differ.</exception>
        public Node Roll(IEnumerable<int> shifts, IEnumerable<int> axes) => FSharp.Arranging.roll(shifts, axes, x);

        /// <summary>Quarter turns in the plane of two axes, from the first of them towards the second.</summary>
        /// <param name="turns">How many; a negative number turns back.</param>
        /// <param name="axis0">The first axis.</param>
        /// <param name="axis1">The second axis.</param>
        /// <exception cref="ShapeException">There are not two such axes.</exception>
        public Node Rot90(int turns = 1, int axis0 = 0, int axis1 = 1) =>
            FSharp.Arranging.rot90With(turns, axis0, axis1, x);

        /// <summary>The value in so many parts of equal size along an axis.</summary>
        /// <param name="sections">The number of parts.</param>
        /// <param name="axis">The axis.</param>
        /// <exception cref="ShapeException">There is no such axis, or the parts do not fill it.</exception>
        public Node[] Split(int sections, int axis = 0) => [.. FSharp.Arranging.split(sections, axis, x)];

        /// <summary>
        /// The value cut along an axis before each of the positions, which are read as the ends of slices are: negative
        /// ones count from the end, and those outside are moved to the ends.
        /// </summary>
        /// <param name="positions">The positions.</param>
        /// <param name="axis">The axis.</param>
        /// <exception cref="ShapeException">There is no such axis.</exception>
        public Node[] Split(IEnumerable<int> positions, int axis = 0) => [.. FSharp.Arranging.splitAt(positions, axis, x)];

        /// <summary>The value in at most so many parts along an axis, all of one size but for a smaller last one.</summary>
        /// <param name="count">The number of parts.</param>
        /// <param name="axis">The axis.</param>
        /// <exception cref="ShapeException">There is no such axis, or the count is not positive.</exception>
        public Node[] Chunk(int count, int axis = 0) => [.. FSharp.Arranging.chunk(count, axis, x)];

        /// <summary>The whole value repeated along its axes; the shorter of shape and list gets ones in front.</summary>
        /// <param name="repetitions">How many times along each axis.</param>
        /// <exception cref="ShapeException">A number is negative.</exception>
        public Node Tile(params IEnumerable<int> repetitions) => FSharp.Repeating.tile(repetitions, x);

        /// <summary>Each slice along an axis repeated in its place.</summary>
        /// <param name="count">How many times.</param>
        /// <param name="axis">The axis; if none is given, each element of the value as one row.</param>
        /// <exception cref="ShapeException">There is no such axis, or the count is negative.</exception>
        public Node Repeat(int count, int? axis = null) => x.Repeat([count], axis);

        /// <summary>Each slice along an axis repeated in its place, as often as the list says for it.</summary>
        /// <param name="counts">How many times each; one number serves all.</param>
        /// <param name="axis">The axis; if none is given, each element of the value as one row.</param>
        /// <exception cref="ShapeException">There is no such axis, a count is negative, or there are not as many as slices.</exception>
        public Node Repeat(IEnumerable<int> counts, int? axis = null) =>
            FSharp.Repeating.repeat(counts, axis ?? 0, axis is null ? FSharp.Movement.flatten(x) : x);

        /// <summary>The value with a number around it.</summary>
        /// <param name="widths">For each axis how many stand before and after the elements.</param>
        /// <param name="value">The number.</param>
        /// <exception cref="ShapeException">There are not as many widths as axes, one is negative, or the value is no single number.</exception>
        public Node Pad(IEnumerable<(int Before, int After)> widths, Node value) =>
            FSharp.Repeating.padWith(value, widths, x);

        /// <summary>The value with its own elements around it.</summary>
        /// <param name="widths">For each axis how many stand before and after the elements.</param>
        /// <param name="mode">Which elements they are.</param>
        /// <exception cref="ShapeException">There are not as many widths as axes, one is negative, or the axis is empty.</exception>
        public Node Pad(IEnumerable<(int Before, int After)> widths, PadMode mode) =>
            FSharp.Repeating.padMode(mode, widths, x);
    }
}
