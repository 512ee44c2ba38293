namespace Autodiff.FSharp

open System
open System.Runtime.InteropServices
open Autodiff
open Autodiff.Kernel
open Autodiff.FSharp.LossTerms
open Autodiff.FSharp.Numerals

/// What the losses of classes may be told. Classes whose weight is not given weigh 1.
[<NoEquality; NoComparison>]
type internal ClassOptions =
    {
        Weight: Node | null
        IgnoreIndex: int
        LabelSmoothing: float
        Axis: int
        Reduction: LossReduction
    }

/// Losses of one class out of several, whose logits stand along an axis.
module internal ClassLosses =

    let standard =
        {
            Weight = null
            IgnoreIndex = -100
            LabelSmoothing = 0.0
            Axis = 1
            Reduction = LossReduction.Mean
        }

    /// The axis of the classes: where there is only one axis, it is that.
    let private classAxis operation (options: ClassOptions) (x: Node) =
        let axis = if x.Rank = 1 && options.Axis = 1 then 0 else options.Axis
        let axis = Axes.normalise operation x axis

        if x.Shape[axis] <= 0 then
            let size =
                if x.Shape[axis] = 0 then
                    "no classes"
                else
                    "a number of classes that is not known yet"

            raise (ShapeException $"{operation}: axis {axis} of {Axes.describe x} has {size}")

        axis

    let private weightOf operation axis (options: ClassOptions) (x: Node) : Node | null =
        match options.Weight with
        | null -> null
        | weight when weight.Rank <> 1 || weight.Shape[0] <> x.Shape[axis] ->
            raise (
                ShapeException
                    $"{operation}: the weight {Axes.describe weight} is not one number for each of the {x.Shape[axis]} classes along axis {axis} of {Axes.describe x}"
            )
        | weight -> Node.Cast(x.DType, weight)

    let private checkSmoothing operation (options: ClassOptions) =
        if not (options.LabelSmoothing >= 0.0 && options.LabelSmoothing <= 1.0) then
            raise (
                ArgumentOutOfRangeException(
                    "labelSmoothing",
                    options.LabelSmoothing,
                    $"{operation}: the label smoothing is a number from 0 to 1"
                )
            )

    let private requireShape operation (expected: Shape) (target: Node) (x: Node) axis =
        if target.Shape <> expected then
            raise (
                ShapeException
                    $"{operation}: the target {Axes.describe target} does not fit {Axes.describe x}, whose classes stand along axis {axis}: it must have shape {expected}"
            )

    /// The weights along the axis of the classes.
    let private along axis (x: Node) (weight: Node) =
        reshape [ for i in 0 .. x.Rank - 1 -> if i = axis then x.Shape[axis] else 1 ] weight

    /// For each place the element of its class. An index below 0 is moved out of the range from either side.
    let private pick axis (classes: Node) (x: Node) =
        let last = x.Rank - 1
        let moved = permute (Seq.append (Seq.except [ axis ] [ 0..last ]) [ axis ]) x
        Node.Make(Op.Gather(last, last, moved, classes))

    /// The sum along the classes of the weighted logarithms, negated: what smoothing adds.
    let private evenLoss axis (weight: Node | null) (logProbabilities: Node) =
        match weight with
        | null -> -(sum [ axis ] logProbabilities)
        | weight -> -(sum [ axis ] (weighted (along axis logProbabilities weight) logProbabilities))

    /// The losses of classes given by number; x is what the user gave.
    let private ofIndices operation (options: ClassOptions) (target: Node) (x: Node) (logProbabilities: Node) =
        let axis = classAxis operation options x
        requireShape operation (Shapes.without [| axis |] x.Shape) target x axis
        let weight = weightOf operation axis options x
        let count = x.Shape[axis]
        let isIgnored = target .= Node.op_Implicit options.IgnoreIndex
        let nothing: Node = Node.op_Implicit 0
        let beyond = where (target .< nothing) (target - Node.op_Implicit count) target
        let classes = where isIgnored nothing beyond

        let weights =
            match weight with
            | null -> onesLike (Node.Cast(logProbabilities.DType, classes))
            | weight -> take 0 classes weight

        let weights = where isIgnored zero weights
        let losses = weighted weights -(pick axis classes logProbabilities)

        let smoothed =
            if options.LabelSmoothing = 0.0 then
                losses
            else
                let even = where isIgnored zero (evenLoss axis weight logProbabilities)
                (1.0 - options.LabelSmoothing) * losses + options.LabelSmoothing / float count * even

        reduceBy options.Reduction (sum [] weights) smoothed

    /// The losses of classes given by their probabilities.
    let private ofProbabilities operation (options: ClassOptions) (target: Node) (x: Node) (logProbabilities: Node) =
        let axis = classAxis operation options x
        requireShape operation x.Shape target x axis
        let count = float x.Shape[axis]
        let smooth = options.LabelSmoothing
        let target = if smooth = 0.0 then target else (1.0 - smooth) * target + smooth / count

        let target =
            match weightOf operation axis options x with
            | null -> target
            | weight -> target * along axis logProbabilities weight

        reduce options.Reduction -(sum [ axis ] (weighted target logProbabilities))

    let private isWhole (dtype: DType) = dtype = DType.Int32 || dtype = DType.Int64

    let private refuse operation (target: Node) expected =
        raise (
            DTypeException $"{operation}: the target {Axes.describe target} is {target.DType}; it must be {expected}"
        )

    let nll (options: ClassOptions) (target: Node) (logProbabilities: Node) : Node =
        if not (isWhole (Node.Given target).DType) then
            refuse "nllLoss" target "class numbers (Int32, Int64)"

        let logProbabilities = floating logProbabilities
        ofIndices "nllLoss" options target logProbabilities logProbabilities

    let crossEntropy (options: ClassOptions) (target: Node) (logits: Node) : Node =
        let operation = "crossEntropy"
        checkSmoothing operation options
        let logits = floating logits
        let logarithms = logSoftmax (classAxis operation options logits) logits

        if isWhole (Node.Given target).DType then
            ofIndices operation options target logits logarithms
        elif target.DType.IsFloat() then
            ofProbabilities operation options target logits logarithms
        else
            refuse operation target "class numbers (Int32, Int64) or probabilities (Float32, Float64)"

/// Losses of one class out of several.
[<AutoOpen>]
module CrossEntropy =

    /// The mean cross entropy of classes with softmax of the logits. The classes stand along axis 1 (axis 0 of logits that
    /// have only one axis). The target holds their numbers, without that axis, or their probabilities, with it. A number
    /// of -100 marks what does not count; any other that is no class throws IndexOutOfRangeException on evaluation.
    let crossEntropy (target: Node) (logits: Node) : Node = ClassLosses.crossEntropy ClassLosses.standard target logits

    /// The mean negative logarithm of the probability of each class, from logarithms of probabilities, which stand along
    /// axis 1 (axis 0 where there is only one); otherwise as crossEntropy for class numbers.
    let nllLoss (target: Node) (logProbabilities: Node) : Node =
        ClassLosses.nll ClassLosses.standard target logProbabilities

/// Losses with options, as members: `x.MseLoss(target, LossReduction.Sum)`.
[<AutoOpen>]
module LossMembers =

    type Node with

        /// The squared differences from a target that broadcasts, reduced.
        member x.MseLoss
            (target: Node, [<Optional; DefaultParameterValue(LossReduction.Mean)>] reduction: LossReduction)
            : Node =
            mseWith reduction target x

        /// The absolute differences from a target that broadcasts, reduced.
        member x.L1Loss
            (target: Node, [<Optional; DefaultParameterValue(LossReduction.Mean)>] reduction: LossReduction)
            : Node =
            l1With reduction target x

        /// Huber's loss of the differences from a target that broadcasts, reduced.
        member x.HuberLoss
            (
                target: Node,
                [<Optional; DefaultParameterValue(1.0)>] delta: float,
                [<Optional; DefaultParameterValue(LossReduction.Mean)>] reduction: LossReduction
            ) : Node =
            huberWith delta reduction target x

        /// The absolute differences from a target that broadcasts, rounded off below beta, reduced.
        member x.SmoothL1Loss
            (
                target: Node,
                [<Optional; DefaultParameterValue(1.0)>] beta: float,
                [<Optional; DefaultParameterValue(LossReduction.Mean)>] reduction: LossReduction
            ) : Node =
            smoothL1With beta reduction target x

        /// max(0, 1 - target x) for targets -1 and 1 that broadcast, reduced.
        member x.HingeLoss
            (target: Node, [<Optional; DefaultParameterValue(LossReduction.Mean)>] reduction: LossReduction)
            : Node =
            hingeWith reduction target x

        /// p (log p - x) for probabilities p that broadcast to logarithms of others, reduced.
        member x.KlDivergence
            (target: Node, [<Optional; DefaultParameterValue(LossReduction.Mean)>] reduction: LossReduction)
            : Node =
            klWith reduction target x

        /// The binary cross entropy of targets that broadcast to probabilities, reduced.
        member x.BinaryCrossEntropy
            (target: Node, [<Optional; DefaultParameterValue(LossReduction.Mean)>] reduction: LossReduction)
            : Node =
            binaryCrossEntropyWith reduction target x

        /// The binary cross entropy of targets that broadcast to logits, reduced; positives weigh as much as asked.
        member x.BinaryCrossEntropyWithLogits
            (
                target: Node,
                [<Optional; DefaultParameterValue(null: Node | null)>] positiveWeight: Node | null,
                [<Optional; DefaultParameterValue(LossReduction.Mean)>] reduction: LossReduction
            ) : Node =
            binaryCrossEntropyWithLogitsWith positiveWeight reduction target x

        /// The cross entropy of classes, given by number or by probability, with softmax of logits along an axis. The mean
        /// of losses of class numbers is weighted by the weights of the classes; what is ignored does not count. Label
        /// smoothing gives that share of the probability to all classes evenly.
        member x.CrossEntropy
            (
                target: Node,
                [<Optional; DefaultParameterValue(null: Node | null)>] weight: Node | null,
                [<Optional; DefaultParameterValue(-100)>] ignoreIndex: int,
                [<Optional; DefaultParameterValue(0.0)>] labelSmoothing: float,
                [<Optional; DefaultParameterValue(1)>] axis: int,
                [<Optional; DefaultParameterValue(LossReduction.Mean)>] reduction: LossReduction
            ) : Node =
            let options =
                {
                    Weight = weight
                    IgnoreIndex = ignoreIndex
                    LabelSmoothing = labelSmoothing
                    Axis = axis
                    Reduction = reduction
                }

            ClassLosses.crossEntropy options target x

        /// The negative logarithms of the probabilities of classes given by number, as `CrossEntropy` reduces them.
        member x.NllLoss
            (
                target: Node,
                [<Optional; DefaultParameterValue(null: Node | null)>] weight: Node | null,
                [<Optional; DefaultParameterValue(-100)>] ignoreIndex: int,
                [<Optional; DefaultParameterValue(1)>] axis: int,
                [<Optional; DefaultParameterValue(LossReduction.Mean)>] reduction: LossReduction
            ) : Node =
            let options =
                { ClassLosses.standard with
                    Weight = weight
                    IgnoreIndex = ignoreIndex
                    Axis = axis
                    Reduction = reduction
                }

            ClassLosses.nll options target x
