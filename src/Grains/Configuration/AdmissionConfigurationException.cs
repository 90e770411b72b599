namespace Admission.Grains.Configuration;

/// <summary>The configuration has mistakes; all of them are listed.</summary>
public sealed class AdmissionConfigurationException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="errors">Every mistake, with its path.</param>
    public AdmissionConfigurationException(IReadOnlyList<string> errors)
        : base($"The configuration has {Count(errors)}:{Environment.NewLine}{Lines(errors)}") => Errors = errors;

    /// <summary>Every mistake, with its path.</summary>
    public IReadOnlyList<string> Errors { get; }

    internal static string Lines(IReadOnlyList<string> errors) => string.Join(Environment.NewLine, errors.Select(error => $"  - {error}"));

    internal static string Count(IReadOnlyList<string> errors) => errors.Count == 1 ? "a mistake" : $"{errors.Count} mistakes";
}
