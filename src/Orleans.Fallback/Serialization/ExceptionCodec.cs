using System.Reflection;
using System.Runtime.ExceptionServices;
using System.Runtime.Serialization;
using System.Text.Json;
using Orleans.Fallback.Contracts;
using Orleans.Fallback.Engine;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Fallback.Serialization;

/// <summary>Exceptions: type, message, stack, inner exception, and what is known of the ones that callers look into.</summary>
/// <remarks>
/// A reader makes the exceptions listed here and those of the application that have a constructor <c>(string, Exception)</c> or
/// <c>(string)</c>. Any other becomes a <see cref="RemoteException"/>, whose message names the type.
/// </remarks>
internal sealed class ExceptionCodec
{
    /// <summary>Longer texts are cut: an exception must not be what makes a message too large.</summary>
    private const int MaxText = 16 * 1024;

    private const int MaxInner = 8;

    private static readonly Type[] Library =
    [
        typeof(Exception), typeof(SystemException), typeof(ApplicationException), typeof(TimeoutException), typeof(InvalidOperationException),
        typeof(ArgumentException), typeof(ArgumentNullException), typeof(ArgumentOutOfRangeException), typeof(OperationCanceledException),
        typeof(TaskCanceledException), typeof(NotSupportedException), typeof(NotImplementedException), typeof(KeyNotFoundException),
        typeof(FormatException), typeof(OverflowException), typeof(DivideByZeroException), typeof(ArithmeticException),
        typeof(ObjectDisposedException), typeof(UnauthorizedAccessException), typeof(IOException), typeof(FileNotFoundException),
        typeof(DirectoryNotFoundException), typeof(EndOfStreamException), typeof(IndexOutOfRangeException), typeof(NullReferenceException),
        typeof(InvalidCastException), typeof(SerializationException), typeof(OrleansException), typeof(OrleansMessageRejectionException),
        typeof(SiloUnavailableException), typeof(OrleansConfigurationException), typeof(InconsistentStateException),
    ];

    private readonly MessageSerializer _serializer;
    private readonly Dictionary<string, Type> _types = new(StringComparer.Ordinal);

    public ExceptionCodec(MessageSerializer serializer, ApplicationTypes types)
    {
        _serializer = serializer;
        var known = types.All.Where(type =>
            type is { IsAbstract: false, ContainsGenericParameters: false } && type.IsAssignableTo(typeof(Exception)) && Constructor(type) is not null);
        foreach (var type in Library.Concat(known))
        {
            _ = _types.TryAdd(type.FullName!, type);
        }
    }

    public void Write(MessageWriter writer, Exception exception) => Write(writer, exception, MaxInner);

    /// <summary>Reads an exception; the reader stands on its first token, and then on its last.</summary>
    public Exception Read(ref MessageReader reader)
    {
        reader.Expect(JsonTokenType.StartObject);
        var parts = default(Parts);
        for (reader.Advance(); reader.Token != JsonTokenType.EndObject; reader.Advance())
        {
            var name = reader.Text();
            reader.Advance();
            switch (name)
            {
                case "e":
                    parts.Type = reader.Text();
                    break;
                case "m":
                    parts.Message = reader.Text();
                    break;
                case "s":
                    parts.Stack = reader.Text();
                    break;
                case "i":
                    parts.Inner = Read(ref reader);
                    break;
                case "d1":
                    parts.Detail = reader.Text();
                    break;
                case "d2":
                    parts.SecondDetail = reader.Text();
                    break;
                case "v" when _types.TryGetValue(parts.Type ?? "", out var type) && Members(type) is { } codec:
                    reader.Expect(JsonTokenType.StartObject);
                    var exception = Create(parts);
                    reader.Advance();
                    codec.ReadMembers(ref reader, exception);
                    parts.Made = exception;
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        var made = parts.Made ?? Create(parts);
        return parts.Stack is { Length: > 0 } stack ? ExceptionDispatchInfo.SetRemoteStackTrace(made, stack) : made;
    }

    private static string Cut(string text) => text.Length <= MaxText ? text : text[..MaxText] + "...";

    private static ConstructorInfo? Constructor(Type type)
    {
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        return type.GetConstructor(Any, [typeof(string), typeof(Exception)]) ?? type.GetConstructor(Any, [typeof(string)]);
    }

    private static string WithoutParameter(string message, string? parameter)
    {
        var end = $" (Parameter '{parameter}')";
        return message.EndsWith(end, StringComparison.Ordinal) ? message[..^end.Length] : message;
    }

    private void Write(MessageWriter writer, Exception exception, int inner)
    {
        var json = writer.Json;
        writer.StartObject();
        json.WriteString("e", (exception as RemoteException)?.TypeName ?? exception.GetType().FullName);
        json.WriteString("m", Cut((exception as RemoteException)?.OriginalMessage ?? exception.Message));
        if (exception.StackTrace is { } stack)
        {
            json.WriteString("s", Cut(stack));
        }

        if (exception.InnerException is { } cause && inner > 0)
        {
            json.WritePropertyName("i");
            Write(writer, cause, inner - 1);
        }

        var (detail, second) = exception switch
        {
            ArgumentException argument => (argument.ParamName, null),
            InconsistentStateException inconsistent => (inconsistent.StoredEtag, inconsistent.CurrentEtag),
            _ => (null, null),
        };
        if (detail is not null)
        {
            json.WriteString("d1", detail);
        }

        if (second is not null)
        {
            json.WriteString("d2", second);
        }

        if (Members(exception.GetType()) is { } codec)
        {
            json.WritePropertyName("v");
            writer.StartObject();
            codec.WriteMembers(writer, exception);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private MembersCodec? Members(Type type) =>
        type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false) ? (MembersCodec)_serializer.CodecOf(type) : null;

    private Exception Create(in Parts parts)
    {
        var message = parts.Message ?? "";
        if (parts.Type is null || !_types.TryGetValue(parts.Type, out var type))
        {
            return new RemoteException(parts.Type ?? "an unnamed exception", message, parts.Inner);
        }

        if (type == typeof(InconsistentStateException))
        {
            // Another activation's state is not what this caller's activation has in memory.
            return new InconsistentStateException(message, parts.Detail, parts.SecondDetail, parts.Inner) { IsSourceActivation = false };
        }

        if (parts.Detail is { } parameter && WithoutParameter(message, parameter) is var plain && plain != message)
        {
            if (type == typeof(ArgumentException))
            {
                return new ArgumentException(plain, parameter, parts.Inner);
            }

            if (type == typeof(ArgumentNullException) && parts.Inner is null)
            {
                return new ArgumentNullException(parameter, plain);
            }

            if (type == typeof(ArgumentOutOfRangeException) && parts.Inner is null)
            {
                return new ArgumentOutOfRangeException(parameter, plain);
            }
        }

        var constructor = Constructor(type)!;
        return (Exception)constructor.Invoke(constructor.GetParameters().Length == 2 ? [message, parts.Inner] : [message]);
    }

    private struct Parts
    {
        public string? Type;
        public string? Message;
        public string? Stack;
        public string? Detail;
        public string? SecondDetail;
        public Exception? Inner;
        public Exception? Made;
    }
}
