namespace Admission.Capacity;

/// <summary>Totals of a life's finished work: how much the measured times differ, and what ended in overload.</summary>
/// <param name="SquaredSeconds">The sum of the squares of the measured times, in seconds squared.</param>
/// <param name="Overloaded">Permits whose work was not done in time, or was answered with "overloaded".</param>
[GenerateSerializer, Immutable, Alias("Admission.WorkSpread")]
public readonly record struct WorkSpread([property: Id(0)] double SquaredSeconds, [property: Id(1)] long Overloaded)
{
    internal WorkSpread WithSample(TimeSpan time, int weight) => this with { SquaredSeconds = SquaredSeconds + (time.TotalSeconds * time.TotalSeconds * weight) };

    internal WorkSpread WithEnded(RunOutcome outcome, int weight) =>
        outcome is RunOutcome.TimedOut or RunOutcome.Overloaded ? this with { Overloaded = Overloaded + weight } : this;
}
