using System.Reflection;

namespace Admission.Grains;

/// <summary>Which engine the grains run on: Orleans, or the fallback that stands in for it where the package feed lacks Orleans.</summary>
/// <remarks>Told by the assembly that defines <see cref="Grain"/>, so that no code has to be compiled differently.</remarks>
/// <param name="Name">"Orleans" or "Orleans fallback".</param>
/// <param name="Version">The engine's version; the fallback's is this product's.</param>
/// <param name="ForProduction">Whether it may serve production: real Orleans only.</param>
public sealed record EngineInfo(string Name, string Version, bool ForProduction)
{
    /// <summary>The engine of this process.</summary>
    public static EngineInfo Current { get; } = Of(typeof(Grain).Assembly);

    /// <summary>For logs: "Orleans 10.4.2", or "Orleans fallback 0.1.0 (not for production)".</summary>
    public override string ToString() => $"{Name} {Version}{(ForProduction ? "" : " (not for production)")}";

    internal static EngineInfo Of(Assembly engine)
    {
        var real = engine.GetName().Name == "Orleans.Core.Abstractions";
        var version = engine.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? engine.GetName().Version?.ToString() ?? "unknown";
        return new(real ? "Orleans" : "Orleans fallback", version.Split('+')[0], real);
    }
}
