using System.Globalization;

namespace Admission.Capacity;

/// <summary>The bounds of an <see cref="AdaptiveLimit"/>.</summary>
internal static class AdaptiveLimitRules
{
    /// <summary>Adds what is wrong with a policy's adaptive limit.</summary>
    public static void Check(List<string> errors, BackendPolicy policy)
    {
        if (policy.Adaptive is not { } adaptive)
        {
            return;
        }

        if (!Enum.IsDefined(adaptive.Algorithm) || adaptive.Algorithm == LimitAlgorithm.None)
        {
            errors.Add($"Adaptive:Algorithm: '{adaptive.Algorithm}' is not possible. Choose one of Gradient2, Aimd, Vegas.");
        }

        var most = Math.Max(1, policy.TotalLimit);
        CheckBetween(errors, "Adaptive:Min", adaptive.Min, 1, most);
        if (adaptive.Initial is { } initial)
        {
            CheckBetween(errors, "Adaptive:Initial", initial, Math.Clamp(adaptive.Min, 1, most), most);
        }
    }

    private static void CheckBetween(List<string> errors, string name, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            errors.Add(string.Create(
                CultureInfo.InvariantCulture, $"{name}: {value} is not possible. Give a whole number from {least} to {most}, where the limit's maximum is."));
        }
    }
}
