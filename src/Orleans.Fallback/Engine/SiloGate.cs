namespace Orleans.Fallback.Engine;

/// <summary>Whether the silo takes requests.</summary>
internal sealed class SiloGate
{
    private volatile string? _refusal = "The silo has not started";

    /// <summary>Why not; null when it does.</summary>
    public string? Refusal
    {
        get => _refusal;
        set => _refusal = value;
    }
}
