namespace NpgsqlSample;

/// <summary>The permits of this process are somebody else's by now, and what they were for was ended. With a new permit it can be done again.</summary>
internal sealed class LeaseLostException(string message, Exception cause) : Exception(message, cause);
