using System.Diagnostics;
using System.Text;
using OrleansChat.Core.Search.Chunking;
using OrleansChat.Core.Search.Code;

namespace OrleansChat.Core.Tests.Search.Code;

public sealed class SymbolChunkerTests
{
    private const string CSharp = """
        using System;

        namespace Shop;

        /// <summary>A cart.</summary>
        [Serializable]
        public sealed class Cart<T>(int size) : Base, IDisposable where T : class
        {
            private readonly Dictionary<string, int> _items = new() { ["{"] = 1 };

            public int Count { get; private set; } = 5;

            /// <summary>Adds an item.</summary>
            [Obsolete("use { Put }")]
            public async Task<int> AddAsync(string name, int count = 1)
            {
                // } not an end
                var text = $"{name}: {(count > 1 ? "}" : "{")}";
                if (count > 0 && name is not null || count == 0)
                    return count;
                return 0;
            }

            public override string ToString() => Count switch { 0 => "none", _ => $"{Count}" };

            public static Cart<T> operator +(Cart<T> left, T right)
            {
                return left;
            }

            ~Cart() { }

            private sealed record Entry(string Name);
        }

        public delegate void Changed(int count);
        """;

    private const string Python = """
        import os

        # Says hello.
        @decorator(x={
            "a": 1})
        async def greet(name: str, *, loud=False) -> str:
            '''Greets
        # not a comment
            somebody.'''
            if loud and name or not name:
                return f"{name}!"
            return [x for x in
            name]

        class Shop:
            limit = 5

            def open(self): return "def fake(x):"

            class Shelf:
                def put(self, item):
                    pass
        x = (1,
        2)
        """;

    private const string TypeScript = """
        import { a } from './a'

        /** Adds. */
        export const add = (x: number, y: number): number => x + y
        export const later = async <T>(x: T) => {
          const url = /[/"]{2}/.test(`${x ? `}` : "'"}`)
          return url
        }

        export function* walk(tree) {
          for (const leaf of tree) yield leaf
        }

        @Component({ selector: 'shop' })
        export class Shop extends Base {
          #open = false
          handle = (event) => { this.go() }
          static async get(id) { return id }
          private render(): string {
            return `<b>${this.name}</b>`
          }
        }

        Shop.prototype.close = function () { return 1 }
        module.exports = { helper(x) { return x }, other: function () { return 2 } }
        type Shape = { kind: string }
        interface Point { x: number }
        """;

    private const string Go = """
        package shop

        import "fmt"

        type (
            // Kind of it.
            Kind int
            Box struct {
                f func(x interface{}) struct{}
            }
        )

        type Reader interface {
            Read(p []byte) (int, error)
        }

        // Add adds.
        func (b *Box[T]) Add(x int) interface{} {
            s := `raw { " `
            r := '{'
            go func() { fmt.Println(s, r) }()
            return x
        }

        func Map[K comparable, V any](m map[K]V) map[K]V { return m }

        var handler = func(x int) int { return x }
        """;

    private const string Java = """
        package shop;

        /** A shop. */
        @Entity(name = "x{", indexes = {@Index("a")})
        public abstract class Shop<T extends Comparable<T>> implements Runnable {
            private int[] sizes = {1, 2};
            static { System.out.println('}'); }

            public Shop(int size) { this.size = size; }

            @Override
            public <R> List<R> find(Map<String, List<T>> by) throws IOException, Error {
                Runnable r = () -> { run(); };
                return null;
            }

            abstract void close();

            enum Color { RED, GREEN }
        }
        """;

    private const string Rust = """
        //! Crate.
        use std::fmt;

        /// A point.
        #[derive(Debug)]
        pub struct Point<'a, T> { x: &'a T }

        pub struct Unit;

        impl<'a, T: Clone> fmt::Display for Point<'a, T> where T: Copy {
            /// Formats.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let c = '{'; let s = r#"}"{"#; /* nested /* } */ */
                match c { '{' => Ok(()), _ => Err(fmt::Error) }
            }
        }

        trait Shape { fn area(&self) -> f64; }
        macro_rules! square { ($x:expr) => { $x * $x }; }
        pub const fn zero() -> u8 { 0 }
        """;

    private const string Cpp = """
        #include <map>
        #define OPEN {
        #define CLOSE \
            }

        namespace shop {

        // A box.
        template <typename T>
        class EXPORT Box final : public Base<T> {
        public:
            Box(int x) : a_{x}, b_(x) { init(); }
            ~Box() {}
            bool operator==(const Box& other) const { return a_ == other.a_; }
            virtual int area() const = 0;
        private:
            int a_ = 1'000;
        };

        template <> int Box<int>::area() const noexcept {
            auto s = R"x(}")x";
            return 1;
        }

        static struct node *find(struct node *head, int key)
        {
        #ifdef FAST
            if (key) {
        #else
            while (key) {
        #endif
                return head;
            }
            return 0;
        }

        int after(void) { return 1; }

        typedef struct { int x; } point_t;
        enum class Color : int { Red };
        }
        """;

    public static TheoryData<string, string, string[]> Samples => new()
    {
        {
            "csharp", CSharp,
            ["type Cart", "method Cart.AddAsync", "method Cart.ToString", "method Cart.operator +", "method Cart.~Cart", "type Cart.Entry", "type Changed"]
        },
        { "python", Python, ["function greet", "type Shop", "method Shop.open", "type Shop.Shelf", "method Shop.Shelf.put"] },
        {
            "typescript", TypeScript,
            ["function add", "function later", "function walk", "type Shop", "method Shop.handle", "method Shop.get", "method Shop.render", "method Shop.close",
                "method helper", "method other", "type Shape", "type Point"]
        },
        { "go", Go, ["type Kind", "type Box", "type Reader", "method Box.Add", "function Map"] },
        { "java", Java, ["type Shop", "method Shop.Shop", "method Shop.find", "method Shop.close", "type Shop.Color"] },
        {
            "rust", Rust,
            ["type Point", "type Unit", "implementation Point", "method Point.fmt", "type Shape", "method Shape.area", "function square", "function zero"]
        },
        {
            "cpp", Cpp,
            ["type Box", "method Box.Box", "method Box.~Box", "method Box.operator ==", "method Box.area", "function find", "function after", "type point_t", "type Color"]
        },
    };

    public static TheoryData<string> Languages => [.. CodeLanguages.Names];

    [Theory]
    [MemberData(nameof(Samples))]
    public void Split_OfSource_GivesEverySymbolAChunk(string language, string source, string[] expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        var found = Split(language, source).Where(chunk => chunk.Code?.Name is not null).Select(chunk => $"{chunk.Code!.Kind} {chunk.Code.Symbol}").ToHashSet();
        Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Split_OfSource_HoldsEveryLine(string language, string source, string[] expected)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(expected);
        var chunks = Split(language, source);
        var held = chunks.SelectMany(chunk => Enumerable.Range(chunk.StartLine, chunk.EndLine - chunk.StartLine + 1)).ToHashSet();
        var lines = source.Split('\n');
        Assert.All(Enumerable.Range(1, lines.Length).Where(line => !string.IsNullOrWhiteSpace(lines[line - 1])), line => Assert.Contains(line, held));
        Assert.All(chunks, chunk => Assert.Equal(language, chunk.Code?.Language));
    }

    [Fact]
    public void Split_OfAMethod_TellsItsCommentLinesSignatureAndComplexity()
    {
        var method = Split("csharp", CSharp).Single(chunk => chunk.Code?.Name == "AddAsync");

        Assert.StartsWith("    /// <summary>Adds an item.</summary>", method.Text, StringComparison.Ordinal);
        Assert.EndsWith("    }", method.Text, StringComparison.Ordinal);
        Assert.Equal("public async Task<int> AddAsync(string name, int count = 1)", method.Code!.Signature);
        Assert.Equal((15, 22), (method.Code.Line, method.Code.EndLine));
        Assert.Equal((13, 22), (method.StartLine, method.EndLine));
        Assert.Equal(4, method.Code.Complexity);
        Assert.Equal(["Cart", "AddAsync"], method.TitlePath);
    }

    [Fact]
    public void Split_OfADecoratedFunction_BeginsWithItsDecorators()
    {
        var greet = Split("python", Python).Single(chunk => chunk.Code?.Name == "greet");
        Assert.StartsWith("# Says hello.\n@decorator", greet.Text, StringComparison.Ordinal);
        Assert.EndsWith("name]", greet.Text, StringComparison.Ordinal);
        Assert.Equal("async def greet(name: str, *, loud=False) -> str", greet.Code!.Signature);
    }

    [Fact]
    public void Split_OfAFunctionThatFits_LeavesItWhole()
    {
        var body = string.Concat(Enumerable.Range(0, 40).Select(i => $"    Call({i});\n\n"));
        var whole = Assert.Single(Split("csharp", $"class A\n{{\nvoid F()\n{{\n{body}}}\n}}\n"), chunk => chunk.Code?.Name == "F");
        Assert.InRange(TokenEstimate.Of(whole.Text), 100, 512);

        var cut = Split("csharp", $"class A\n{{\nvoid F()\n{{\n{string.Concat(Enumerable.Repeat(body, 10))}}}\n}}\n").Where(chunk => chunk.Code?.Name == "F").ToList();
        Assert.True(cut.Count > 1);
        Assert.All(cut, chunk => Assert.Equal(cut[0].Code, chunk.Code));
    }

    [Fact]
    public void Split_OfALongFunction_CutsItAlongTheFunctionsWithinIt()
    {
        var inner = string.Concat(Enumerable.Range(0, 30).Select(i => $"  function part{i}(x) {{\n    return x.map(y => y + {i}).filter(Boolean)\n  }}\n\n"));
        var chunks = Split("javascript", $"(function (root) {{\n  'use strict'\n{inner}  root.x = 1\n}})(this)\n");
        Assert.Equal(30, chunks.Count(chunk => chunk.Code?.Name?.StartsWith("part", StringComparison.Ordinal) is true));
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public void Split_OfHostileSource_EndsSoonAndHoldsItAll(string language)
    {
        string[] hostile =
        [
            new string('{', 1_000_000), new string('}', 1_000_000), new string('(', 1_000_000), new string('"', 1_000_000), new string('\n', 1_000_000),
            string.Concat(Enumerable.Repeat("class A {", 10_000)) + new string('}', 10_000),
            string.Concat(Enumerable.Repeat("void f() {\n", 10_000)), string.Concat(Enumerable.Repeat("x = {},", 100_000)),
            string.Concat(Enumerable.Repeat("#if A\n", 10_000)), string.Concat(Enumerable.Repeat("a\n\n", 200_000)) + ".b",
            string.Concat(Enumerable.Range(0, 2_000).Select(i => new string(' ', i) + "def f():\n")), string.Concat(Enumerable.Repeat("f<", 300_000)),
            string.Concat(Enumerable.Repeat("$\"{", 100_000)), string.Concat(Enumerable.Repeat("`${", 100_000)), "/*" + new string('*', 1_000_000), "\uD800{\uDC00}",
        ];
        foreach (var text in hostile)
        {
            var start = Stopwatch.GetTimestamp();
            var chunks = Split(language, text);
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30), $"{text[..Math.Min(20, text.Length)]} took {Stopwatch.GetElapsedTime(start)}");
            var held = new StringBuilder();
            foreach (var chunk in chunks)
                held.Append(chunk.Text);
            Assert.True(held.Length >= text.Count(character => !char.IsWhiteSpace(character)));
        }
    }

    private static IReadOnlyList<Chunk> Split(string language, string source) =>
        Chunkers.Default.Choose(language, null, null).Split(source.ReplaceLineEndings("\n"), new ChunkingOptions());
}
