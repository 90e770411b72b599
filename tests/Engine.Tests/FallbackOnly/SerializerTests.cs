using System.Collections.Immutable;
using System.Net;
using System.Numerics;
using System.Runtime.Serialization;
using System.Text;
using Orleans;
using Orleans.Fallback.Contracts;
using Orleans.Fallback.Engine;
using Orleans.Fallback.Serialization;
using Orleans.Runtime;
using Orleans.Storage;

namespace Admission.Engine.Tests.FallbackOnly;

/// <summary>What crosses the network is what a copy within the process would be.</summary>
public sealed class SerializerTests
{
    private static readonly MessageSerializer Serializer = Create(typeof(SerializerTests).Assembly.GetTypes());

    private static readonly object Shared = new List<int> { 1, 2 };

    public static TheoryData<string> Names => [.. Cases().Keys];

    private static Dictionary<string, (Type Type, object? Value)> Cases()
    {
        var loop = new Node { Name = "a" };
        loop.Next = new Node { Name = "b", Next = loop };
        loop.All = [loop, loop.Next];
        loop.List = [loop];
        loop.Table["self"] = loop;
        var both = new Node { Name = "same" };
        var letter = new Letter { From = "me", Lines = [new("a", 1)], Weight = Weight.Heavy, Numbers = [3], Age = TimeSpan.FromSeconds(5), Fixed = [new("f", 9)] };
        letter.Enclosed["x"] = new Letter { From = "them" };
        letter.Hide(42);
        return new(StringComparer.Ordinal)
        {
            ["null text"] = (typeof(string), null),
            ["text"] = (typeof(string), "a\"b\u00e4\n\ud83d\ude00\0"),
            ["numbers"] = Case((byte.MaxValue, sbyte.MinValue, short.MinValue, ushort.MaxValue, int.MinValue, uint.MaxValue, long.MinValue)),
            ["more numbers"] = Case((ulong.MaxValue, (nint)(-5), (nuint)5, 'x', '\ud800', 1.10m, Int128.MinValue)),
            ["large numbers"] = Case((UInt128.MaxValue, BigInteger.Pow(10, 50), Half.Epsilon, float.NaN, float.MaxValue, double.NaN, double.NegativeInfinity)),
            ["doubles"] = Case(new[] { 0.1, -0.0, double.Epsilon, double.MaxValue }),
            ["times"] = Case((new DateTime(5, DateTimeKind.Utc), new DateTime(6, DateTimeKind.Local), new DateTime(7, DateTimeKind.Unspecified),
                new DateTimeOffset(638_000_000_000_000_001, TimeSpan.FromHours(2)), DateOnly.MaxValue, TimeOnly.MaxValue, TimeSpan.MinValue)),
            ["names"] = Case((Guid.NewGuid(), new Uri("a/b", UriKind.Relative), new Uri("http://x/y?z"), new Version(1, 2, 3), IPAddress.IPv6Loopback,
                new IPEndPoint(IPAddress.Loopback, 80), new ReadOnlyMemory<byte>([1, 2, 255]))),
            ["identities"] = Case((GrainId.Create("type", "key/with/slashes"), GrainType.Create("t"), GrainInterfaceType.Create("i"), IdSpan.Create("k"), ActivationId.NewId(), default(GrainId))),
            ["tokens"] = Case((CancellationToken.None, true, false)),
            ["enums"] = Case((Weight.Heavy, DayOfWeek.Friday, (Weight?)null, (Weight?)Weight.Light)),
            ["types"] = Case(new[] { typeof(int), typeof(Letter), typeof(List<Letter[]>), typeof(IPostGrain) }),
            ["nullables"] = Case(new int?[] { 1, null }),
            ["bytes"] = Case(new byte[] { 0, 1, 255 }),
            ["no bytes"] = Case(Array.Empty<byte>()),
            ["table of numbers"] = Case(new[,] { { 1, 2, 3 }, { 4, 5, 6 } }),
            ["jagged"] = Case(new[] { new[] { 1 }, [], [2, 3] }),
            ["list"] = Case(new List<string?> { "a", null }),
            ["queue"] = Case(new Queue<int>([1, 2, 3])),
            ["stack"] = Case(new Stack<int>([1, 2, 3])),
            ["set"] = Case(new HashSet<string>(["a", "B"], StringComparer.OrdinalIgnoreCase)),
            ["dictionary"] = Case(new Dictionary<Guid, Line> { [Guid.NewGuid()] = new("a", 1) }),
            ["ordinal dictionary"] = Case(new Dictionary<string, int>(StringComparer.Ordinal) { ["x"] = 1 }),
            ["immutable array"] = Case(ImmutableArray.Create(1, 2)),
            ["default immutable array"] = Case(default(ImmutableArray<Line>)),
            ["immutable list"] = Case(ImmutableList.Create(new Node { Name = "n" })),
            ["immutable set"] = Case(ImmutableHashSet.Create(StringComparer.Ordinal, "a", "b")),
            ["immutable dictionary"] = Case(ImmutableDictionary<string, Line>.Empty.WithComparers(StringComparer.OrdinalIgnoreCase).Add("x", new("y", 1))),
            ["array behind an interface"] = (typeof(IReadOnlyList<string>), new[] { "a" }),
            ["list behind an interface"] = (typeof(IEnumerable<Line>), new List<Line> { new("a", 1) }),
            ["set behind an interface"] = (typeof(IReadOnlySet<int>), new HashSet<int> { 1 }),
            ["dictionary behind an interface"] = (typeof(IReadOnlyDictionary<string, int>), ImmutableDictionary<string, int>.Empty.Add("a", 1)),
            ["covariant list"] = (typeof(IReadOnlyList<LetterBase>), new List<Letter> { new() { From = "x" } }),
            ["tuple class"] = Case(Tuple.Create(1, "b", new List<int> { 1 })),
            ["pair"] = Case(KeyValuePair.Create("a", 1)),
            ["long tuple"] = Case((1, 2, 3, 4, 5, 6, 7, 8, "nine")),
            ["letter"] = Case(letter),
            ["derived behind base"] = (typeof(LetterBase), letter),
            ["bases in an array"] = Case(new LetterBase[] { letter, letter }),
            ["card"] = Case(new Card("hi", [1, 2])),
            ["loop"] = Case(loop),
            ["one object twice"] = Case((both, both, Shared, Shared)),
            ["primary constructor"] = Case(new Positional(7, "seven") { More = 1.5 }),
            ["derived record"] = (typeof(Positional), new DerivedPositional(1, "one", true)),
            ["generic message"] = Case(new Box<Line> { Content = new("in", 1) }),
            ["tuple with names"] = Case((Count: 1, Text: (string?)null)),
        };

        static (Type Type, object? Value) Case<T>(T value) => (typeof(T), value);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Bytes_give_the_same_as_a_copy(string name)
    {
        var (type, value) = Cases()[name];
        var copy = MessageCopier.For(type) is { } copier ? copier.Copy(value) : value;
        var bytes = Serializer.Serialize(type, value);
        Dump.Of(Serializer.Deserialize(type, bytes)).ShouldBe(Dump.Of(copy), Encoding.UTF8.GetString(bytes));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Bytes_that_were_changed_on_the_way_are_refused_or_read_and_nothing_else(string name)
    {
        var (type, value) = Cases()[name];
        var bytes = Serializer.Serialize(type, value);
        var random = new Random(name.Length);
        for (var i = 0; i < 200; i++)
        {
            var changed = bytes.ToArray();
            changed[random.Next(changed.Length)] = (byte)"{}[],:\"0129$trvn"[random.Next(16)];
            try
            {
                _ = Serializer.Deserialize(type, changed.AsMemory(0, random.Next(2) == 0 ? changed.Length : random.Next(changed.Length)));
            }
            catch (SerializationException)
            {
                // As it should be.
            }
        }
    }

    [Fact]
    public void A_member_that_the_reader_does_not_know_is_skipped_with_all_that_is_in_it()
    {
        var shared = new List<int> { 1 };
        var bytes = Serializer.Serialize(typeof(Newer), new Newer { First = shared, Second = shared, Extra = [new Node { Name = "x" }] });
        var older = (Older)Serializer.Deserialize(typeof(Older), bytes)!;
        older.First.ShouldBe([1]);
        older.Second.ShouldBeSameAs(older.First);
    }

    [Fact]
    public void A_member_that_the_writer_did_not_know_has_its_initial_value()
    {
        var newer = (Newer)Serializer.Deserialize(typeof(Newer), Serializer.Serialize(typeof(Older), new Older { First = [3] }))!;
        newer.First.ShouldBe([3]);
        newer.Extra.ShouldBeEmpty();
        newer.Number.ShouldBe(17);
    }

    [Theory]
    [InlineData("""{"$t":"System.Diagnostics.Process"}""")]
    [InlineData("""{"$t":"engine-tests.letter"}""")]
    [InlineData("""{"$t":["List","int"],"$v":[1]}""")]
    [InlineData("""{"$r":7}""")]
    [InlineData("""{"0":"a","4":[1000000000]}""")]
    [InlineData("""{"0":{"0":{}}}""")]
    public void What_the_declared_type_does_not_allow_is_refused(string json) =>
        Should.Throw<SerializationException>(() => Serializer.Deserialize(typeof(Node), Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void An_array_cannot_claim_more_elements_than_the_message_has_bytes() =>
        Should.Throw<SerializationException>(() => Serializer.Deserialize(typeof(long[]), "[2000000000,1]"u8.ToArray()))
            .Message.ShouldContain("2000000000");

    [Fact]
    public void A_message_that_is_nested_too_deep_fails_at_the_writer()
    {
        var node = new Node();
        for (var i = 0; i < 10_000; i++)
        {
            node = new Node { Next = node };
        }

        _ = Should.Throw<Exception>(() => Serializer.Serialize(typeof(Node), node));
    }

    [Theory]
    [InlineData(typeof(Stream))]
    [InlineData(typeof(Lazy<int>))]
    public void What_is_no_message_is_refused_at_the_writer(Type type) =>
        Should.Throw<NotSupportedException>(() => Serializer.Serialize(type, type == typeof(Stream) ? Stream.Null : new Lazy<int>(1)));

    public static TheoryData<int> Thrown => [.. Enumerable.Range(0, Exceptions.Length)];

#pragma warning disable MA0015 // These exceptions blame a parameter of nobody.
    private static readonly Exception[] Exceptions =
    [
        new TimeoutException("late"), new InvalidOperationException("bad", new IOException("disk")), new ArgumentException("wrong", "x"),
        new ArgumentNullException("x"), new ArgumentOutOfRangeException("y", "too large"), new OperationCanceledException("left"),
        new TaskCanceledException("left too"), new SiloUnavailableException("gone"), new OrleansException("hm"), new KnownException("known"),
        new KeyNotFoundException("no key"), new NotSupportedException(), new ObjectDisposedException("thing"), new DetailedException("d") { Detail = 5 },
    ];
#pragma warning restore MA0015

    [Theory]
    [MemberData(nameof(Thrown))]
    public void Exceptions_that_callers_catch_keep_type_and_message_and_stack(int number)
    {
        var sent = Catch(Exceptions[number]);
        var received = (Exception)Serializer.Deserialize(typeof(Exception), Serializer.Serialize(typeof(Exception), sent))!;
        received.GetType().ShouldBe(sent.GetType());
        received.Message.ShouldBe(sent.Message);
        (received as ArgumentException)?.ParamName.ShouldBe((sent as ArgumentException)?.ParamName);
        received.StackTrace.ShouldNotBeNull().ShouldContain(nameof(Catch));
        received.InnerException?.Message.ShouldBe(sent.InnerException!.Message);
        (received as DetailedException)?.Detail.ShouldBe(5);
    }

    [Fact]
    public void An_exception_about_storage_tells_both_versions()
    {
        var sent = new InconsistentStateException("changed", "2", "1");
        var received = (InconsistentStateException)Serializer.Deserialize(typeof(Exception), Serializer.Serialize(typeof(Exception), sent))!;
        (received.StoredEtag, received.CurrentEtag).ShouldBe(("2", "1"));
    }

    [Fact]
    public void Other_exceptions_are_named_also_after_a_second_hop()
    {
        var once = Pass(new UnknownException(5));
        var twice = Pass(once);
        foreach (var received in new[] { once, twice })
        {
            received.ShouldBeAssignableTo<OrleansException>();
            received.Message.ShouldContain(nameof(UnknownException));
            received.Message.ShouldContain("number 5");
        }

        twice.Message.ShouldBe(once.Message);

        static Exception Pass(Exception exception) =>
            (Exception)Serializer.Deserialize(typeof(Exception), Serializer.Serialize(typeof(Exception), exception))!;
    }

    private static MessageSerializer Create(IEnumerable<Type> types) =>
        new(new ApplicationTypes(types), new Lazy<Orleans.Fallback.References.ReferenceFactory>(() => throw new InvalidOperationException("no references")));

    private static Exception Catch(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (Exception caught)
        {
            return caught;
        }
    }

    [GenerateSerializer, Alias("serializer-tests.node")]
    public sealed class Node
    {
        [Id(0)]
        public string? Name { get; set; }

        [Id(1)]
        public Node? Next { get; set; }

        [Id(2)]
        public List<Node>? List { get; set; }

        [Id(3)]
        public Dictionary<string, Node> Table { get; set; } = [];

        [Id(4)]
        public Node[]? All { get; set; }
    }

    [GenerateSerializer, Alias("serializer-tests.older")]
    public sealed class Older
    {
        [Id(0)]
        public List<int> First { get; set; } = [];

        [Id(2)]
        public List<int>? Second { get; set; }
    }

    [GenerateSerializer, Alias("serializer-tests.newer")]
    public sealed class Newer
    {
        [Id(0)]
        public List<int> First { get; set; } = [];

        [Id(1)]
        public List<Node> Extra { get; set; } = [];

        [Id(2)]
        public List<int>? Second { get; set; }

        [Id(3)]
        public int Number { get; set; } = 17;
    }

    [GenerateSerializer, Alias("serializer-tests.positional")]
    public record Positional(int Number, string Text)
    {
        [Id(0)]
        public double More { get; init; }
    }

    [GenerateSerializer, Alias("serializer-tests.derived-positional")]
    public sealed record DerivedPositional(int Number, string Text, bool Last) : Positional(Number, Text);

    [GenerateSerializer, Alias("serializer-tests.box")]
    public sealed class Box<T>
    {
        [Id(0)]
        public T? Content { get; set; }
    }

    public sealed class KnownException(string message) : Exception(message);

    [GenerateSerializer, Alias("serializer-tests.detailed")]
    public sealed class DetailedException(string message) : Exception(message)
    {
        [Id(0)]
        public int Detail { get; init; }
    }

    public sealed class UnknownException(int number) : Exception($"number {number}");
}
