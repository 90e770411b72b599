using System.Text;

namespace Admission.Capacity;

/// <summary>Enum names for the outside: <c>QueueFull</c> is <c>queue-full</c>.</summary>
public static class KebabCase
{
    /// <summary>The name of a value.</summary>
    /// <param name="value">The value.</param>
    public static string Of<T>(T value)
        where T : struct, Enum
    {
        var text = new StringBuilder();
        foreach (var letter in value.ToString())
        {
            if (char.IsUpper(letter) && text.Length > 0)
            {
                text.Append('-');
            }

            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }

    /// <summary>The value of a name, other than the enum's zero; null if there is none.</summary>
    /// <param name="name">The name; letter case does not matter.</param>
    public static T? Parse<T>(string name)
        where T : struct, Enum
    {
        foreach (var value in Enum.GetValues<T>())
        {
            if (!EqualityComparer<T>.Default.Equals(value, default) && string.Equals(Of(value), name, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>All names but the zero's, for messages.</summary>
    public static string All<T>()
        where T : struct, Enum =>
        string.Join(", ", Enum.GetValues<T>().Where(value => !EqualityComparer<T>.Default.Equals(value, default)).Select(value => Of(value)));
}
