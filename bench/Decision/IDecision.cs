namespace Admission.Decision;

/// <summary>
/// One request admitted and given back, or refused. Implemented by structs, so that the measuring loop is compiled for each and calls it directly.
/// </summary>
internal interface IDecision
{
    /// <summary>Whether it was admitted.</summary>
    bool Decide();
}
