namespace Admission.Silo.Health;

/// <summary>One condition of readiness.</summary>
internal interface IReadiness
{
    /// <summary>What is missing, and since when; null if nothing is.</summary>
    string? Missing { get; }
}
