namespace Admission.Frontend.Classification;

/// <summary>What a tenant may be called.</summary>
internal static class TenantName
{
    /// <summary>The longest name, in characters.</summary>
    public const int Longest = 200;

    /// <summary>What is accepted, for messages.</summary>
    public static readonly string Accepted = $"one name of 1 to {Longest} characters";

    /// <summary>Whether a text can name a tenant: not empty, not too long, without control characters.</summary>
    public static bool IsPossible(string? text)
    {
        if (text is not { Length: > 0 and <= Longest })
        {
            return false;
        }

        foreach (var letter in text)
        {
            if (char.IsControl(letter))
            {
                return false;
            }
        }

        return true;
    }
}
